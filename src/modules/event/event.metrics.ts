import { Injectable } from '@nestjs/common';
import { Histogram } from 'prom-client';
import { Metrics } from '../../operations/metrics.js';
import { DeletionService } from './services/deletion.service.js';
import { SessionLog } from './services/session-log.js';

/** Metrics of the log. Most values are read when metrics are requested. */
@Injectable()
export class EventMetrics {
  private readonly batches: Histogram;

  constructor(metrics: Metrics, log: SessionLog, deletions: DeletionService) {
    metrics.counter(
      'conversation_sequence_retries_total',
      'Appends that found their place in the log taken by another process and tried the next one.',
      () => log.collisions,
    );
    metrics.gauge(
      'conversation_tail_cache_entries',
      'Sessions whose tail of the log the process remembers; at most TAIL_CACHE_SIZE.',
      () => log.rememberedTails,
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
    this.batches = new Histogram({
      name: 'conversation_batch_events',
      help: 'Events in a request to store several.',
      buckets: [1, 2, 5, 10, 20, 50, 100],
      registers: [metrics.registry],
    });
  }

  /** Call it for each batch. */
  observeBatch(events: number): void {
    this.batches.observe(events);
  }
}
