import { Injectable } from '@nestjs/common';
import { Histogram } from 'prom-client';
import { Metrics } from '../../operations/metrics.js';
import { DeletionWatch } from './deletion/deletion-watch.js';
import { LogEraser } from './deletion/log-eraser.js';
import { SessionLog } from './log/session-log.js';

/** Metrics of the log. Most values are read when metrics are requested. */
@Injectable()
export class EventMetrics {
  private readonly batches: Histogram;

  constructor(metrics: Metrics, log: SessionLog, deletions: DeletionWatch, eraser: LogEraser) {
    metrics.counter(
      'conversation_sequence_retries_total',
      'Appends that found their place in the log taken by another process and tried the next one.',
      () => log.counts.collisions,
    );
    metrics.counter(
      'conversation_late_events_total',
      'Events stored in a session that this process knew had ended: exact with one instance, a lower bound with several.',
      () => log.counts.lateEvents,
    );
    metrics.gauge(
      'conversation_tail_cache_entries',
      'Sessions whose tail of the log the process remembers; at most TAIL_CACHE_SIZE.',
      () => log.rememberedTails,
    );
    metrics.counter(
      'conversation_sessions_deleted_total',
      'Sessions that this process deleted. One that was deleted before is not counted again.',
      () => eraser.deletedSessions,
    );
    metrics.gauge(
      'conversation_deletions_under_way',
      'Deleted sessions that this process keeps an eye on until nothing of their events can be left.',
      () => deletions.underWay,
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
