import { Injectable } from '@nestjs/common';
import { Metrics } from '../../operations/metrics.js';
import { SessionLog } from './services/session-log.js';

/** Metrics of the log. Most values are read when metrics are requested. */
@Injectable()
export class EventMetrics {
  constructor(metrics: Metrics, log: SessionLog) {
    metrics.counter(
      'conversation_sequence_retries_total',
      'Appends that found their place in the log taken by another process and tried the next one.',
      () => log.collisions,
    );
    metrics.gauge(
      'conversation_waiting_appends',
      'Appends that wait for an earlier one of their session to be stored.',
      () => log.waitingAppends,
    );
  }
}
