import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { AppConfig } from '../../../config/load-config.js';
import { isStoreUnavailable } from '../../../database/mongo-errors.js';
import { DeletionRepository } from '../repositories/deletion.repository.js';
import { LogEraser } from './log-eraser.js';

/** How often each instance reads which deletions are under way. */
const POLL_MS = 1000;
/** How soon it retries if the store was unreachable, as it is while the service starts. */
const AGAIN_MS = 100;
/** How long an instance may rely on what it knows of a session; afterwards the session may have been deleted. */
export const LEASE_MS = 2.5 * POLL_MS;
/** How much longer an instance waits before it carries out a deletion that another instance has not finished. */
const OTHERS_FIRST_MS = POLL_MS;
/** How many logs are erased at the same time. */
const MAX_AT_ONCE = 4;

/** A deletion as this instance knows it. Times are of its monotonic clock. */
interface KnownDeletion {
  /** When the next step is due. */
  readonly dueAt: number;
  readonly step: 'close' | 'erase' | 'look again';
}

/**
 * Knows the deletions under way at all instances, and completes them.
 *
 * The log of a deleted session is closed at once, but erased only when no instance remembers its tail any more.
 * Otherwise an instance that does not know of the deletion could append at a place that became free. See the ADR on
 * deleting a session.
 */
@Injectable()
export class DeletionWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Deletions');
  private readonly known = new Map<string, KnownDeletion>();
  private readonly listeners: ((sessionId: string) => void)[] = [];
  /** When a log is checked again for a delayed insert: a proxy may hold one back for any time. */
  protected readonly secondLookMs: number = 20_000;
  private timer: NodeJS.Timeout | undefined;
  private toldAt = -Infinity;
  private busy = 0;
  private stopped = false;
  /**
   * After this time nobody remembers the log and no insert is under way; an insert may first wait for a connection,
   * then for its answer.
   */
  protected readonly quietMs: number;

  constructor(
    private readonly deletions: DeletionRepository,
    private readonly eraser: LogEraser,
    config: AppConfig,
  ) {
    this.quietMs = LEASE_MS + 2 * config.storeTimeoutMs;
  }

  /** Until when, by `performance.now()`, a session not known to be deleted can be assumed to exist. */
  get goodUntil(): number {
    return this.toldAt + LEASE_MS;
  }

  /** Whether a session is known to be deleted, which it is only while its deletion is under way. */
  isKnown(sessionId: string): boolean {
    return this.known.has(sessionId);
  }

  /** Deletions that are not complete. */
  get underWay(): number {
    return this.known.size;
  }

  /** Calls back once with each session that is deleted, as soon as this instance knows. */
  onDeleted(listener: (sessionId: string) => void): void {
    this.listeners.push(listener);
  }

  /** Call it when a deletion has been recorded in the store. If the caller fails later, it is completed here. */
  noteBegun(sessionId: string): void {
    this.note(sessionId, { step: 'close', dueAt: performance.now() + this.quietMs + OTHERS_FIRST_MS });
  }

  /** Call it when the log of a session that is being deleted has been closed. */
  noteClosed(sessionId: string): void {
    this.note(sessionId, { step: 'erase', dueAt: performance.now() + this.quietMs });
  }

  onApplicationBootstrap(): void {
    this.askIn(0);
  }

  beforeApplicationShutdown(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private askIn(ms: number): void {
    if (!this.stopped) this.timer = setTimeout(() => void this.ask(), ms).unref();
  }

  private async ask(): Promise<void> {
    const askedAt = performance.now();
    let again = POLL_MS;
    try {
      for (const { _id, erased } of await this.deletions.findAll()) {
        if (this.known.has(_id)) continue;
        const wait = this.quietMs + OTHERS_FIRST_MS + (erased ? this.secondLookMs : 0);
        this.note(_id, { step: erased ? 'look again' : 'close', dueAt: askedAt + wait });
      }
      this.toldAt = askedAt; // only after everything has been noted
    } catch (error) {
      this.report(error);
      again = AGAIN_MS;
    }
    this.askIn(Math.max(0, again - (performance.now() - askedAt)));
    this.workOff();
  }

  /** Starts the steps that are due, a few at a time. */
  private workOff(): void {
    const now = performance.now();
    for (const [sessionId, deletion] of this.known) {
      if (this.busy >= MAX_AT_ONCE) return;
      if (deletion.dueAt > now) continue;
      this.known.set(sessionId, { ...deletion, dueAt: Infinity });
      this.busy++;
      void this.goOn(sessionId, deletion).then(() => {
        this.busy--;
        this.workOff();
      });
    }
  }

  private async goOn(sessionId: string, deletion: KnownDeletion): Promise<void> {
    try {
      const next = await this.take(deletion.step, sessionId);
      if (next) this.known.set(sessionId, next);
      else this.known.delete(sessionId);
    } catch (error) {
      this.report(error);
      this.known.set(sessionId, { ...deletion, dueAt: performance.now() + POLL_MS });
    }
  }

  /** Takes one step and returns the next. Steps can be repeated, even by several instances at the same time. */
  private async take(step: KnownDeletion['step'], sessionId: string): Promise<KnownDeletion | undefined> {
    switch (step) {
      case 'close': {
        if (!(await this.isPending(sessionId))) return undefined; // it was completed elsewhere
        const wasClosed = await this.eraser.close(sessionId);
        return { step: 'erase', dueAt: performance.now() + (wasClosed ? 0 : this.quietMs) };
      }
      case 'erase':
        await this.eraser.erase(sessionId);
        await this.deletions.markErased(sessionId);
        return { step: 'look again', dueAt: performance.now() + this.secondLookMs };
      case 'look again':
        await this.eraser.erase(sessionId);
        await this.deletions.remove(sessionId);
        return undefined;
    }
  }

  private async isPending(sessionId: string): Promise<boolean> {
    return (await this.deletions.find(sessionId))?.erased === false;
  }

  private note(sessionId: string, deletion: KnownDeletion): void {
    const isNew = !this.known.has(sessionId);
    this.known.set(sessionId, deletion);
    if (isNew) for (const listener of this.listeners) listener(sessionId);
  }

  private report(error: unknown): void {
    // While the store is unreachable, every request reports it; waiting loses nothing.
    if (!isStoreUnavailable(error)) this.logger.error(error);
  }
}
