import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import { Metrics } from '../../operations/metrics.js';
import { DeletionWatch } from './deletion/deletion-watch.js';
import { LogEraser } from './deletion/log-eraser.js';
import { SessionLog } from './log/session-log.js';

/** Metrics of the log. Most values are read when metrics are requested. */
@Injectable()
export class EventMetrics {
  private readonly batches: Histogram;

  constructor({ registry }: Metrics, log: SessionLog, deletions: DeletionWatch, eraser: LogEraser) {
    const registers = [registry];
    new Counter({
      name: 'conversation_sequence_retries_total',
      help: 'Appends that found their place in the log taken by another process and tried the next one.',
      registers,
      collect() {
        this.reset();
        this.inc(log.counts.collisions);
      },
    });
    new Counter({
      name: 'conversation_late_events_total',
      help: 'Events stored in a session that this process knew had ended: exact with one instance, a lower bound with several.',
      registers,
      collect() {
        this.reset();
        this.inc(log.counts.lateEvents);
      },
    });
    new Gauge({
      name: 'conversation_tail_cache_entries',
      help: 'Sessions whose tail of the log the process remembers; at most TAIL_CACHE_SIZE.',
      registers,
      collect() {
        this.set(log.rememberedTails);
      },
    });
    new Counter({
      name: 'conversation_sessions_deleted_total',
      help: 'Sessions that this process deleted. One that was deleted before is not counted again.',
      registers,
      collect() {
        this.reset();
        this.inc(eraser.deletedSessions);
      },
    });
    new Gauge({
      name: 'conversation_deletions_under_way',
      help: 'Deleted sessions that this process keeps an eye on until nothing of their events can be left.',
      registers,
      collect() {
        this.set(deletions.underWay);
      },
    });
    new Gauge({
      name: 'conversation_waiting_appends',
      help: 'Appends that wait for an earlier one of their session to be stored.',
      registers,
      collect() {
        this.set(log.waitingAppends);
      },
    });
    this.batches = new Histogram({
      name: 'conversation_batch_events',
      help: 'Events in a request to store several.',
      buckets: [1, 2, 5, 10, 20, 50, 100],
      registers,
    });
  }

  /** Call it for each batch. */
  observeBatch(events: number): void {
    this.batches.observe(events);
  }
}
