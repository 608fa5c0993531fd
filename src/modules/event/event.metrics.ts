import { Injectable } from '@nestjs/common';
import { Metrics } from '../../operations/metrics.js';
import { DeletionService } from './services/deletion.service.js';
import { SessionLog } from './services/session-log.js';

/** Metrics of the log. Most values are read when metrics are requested. */
@Injectable()
export class EventMetrics {
  constructor(metrics: Metrics, log: SessionLog, deletions: DeletionService) {
    metrics.counter(
      'conversation_sequence_retries_total',
      'Appends that found their place in the log taken by another process and tried the next one.',
      () => log.collisions,
    );
    metrics.counter(
      'conversation_sessions_deleted_total',
      'Sessions that this process deleted. One that was deleted before is not counted again.',
      () => deletions.deletedSessions,
    );
    metrics.gauge(
      'conversation_waiting_appends',
      'Appends that wait for an earlier one of their session to be stored.',
      () => log.waitingAppends,
    );
  }
}
