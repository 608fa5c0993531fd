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

/** How often each instance asks which deletions are under way. */
const POLL_MS = 1000;
/** When it asks again where the store was away, as it is while the service starts. */
const AGAIN_MS = 100;
/** How long what an instance knows of a session stays good; after that it may have been deleted. */
export const LEASE_MS = 2.5 * POLL_MS;
/** How much longer an instance waits before it carries out what another was asked for, and has not. */
const OTHERS_FIRST_MS = POLL_MS;
/** Logs that are erased at the same time. */
const MAX_AT_ONCE = 4;

/** A deletion as this instance knows it; the times are of its monotonic clock. */
interface KnownDeletion {
  /** When the next step is due. */
  readonly dueAt: number;
  readonly step: 'close' | 'erase' | 'look again';
}

/**
 * Knows the deletions that are under way, whichever instance was asked for them, and sees them through.
 *
 * The log of a deleted session is closed at once, but erased only when no instance remembers its tail any more: a place
 * that is free again could be taken by somebody who does not know. See the ADR on deleting a session.
 */
@Injectable()
export class DeletionWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Deletions');
  private readonly known = new Map<string, KnownDeletion>();
  private readonly listeners: ((sessionId: string) => void)[] = [];
  /** When a log is looked at again, for an insert that was long on its way: a proxy may hold one back for any time. */
  protected readonly secondLookMs: number = 20_000;
  private timer: NodeJS.Timeout | undefined;
  private toldAt = -Infinity;
  private busy = 0;
  private stopped = false;
  /** After this long nobody remembers the log, and no insert is under way: it may have waited for a connection, and then for its answer. */
  protected readonly quietMs: number;

  constructor(
    private readonly deletions: DeletionRepository,
    private readonly eraser: LogEraser,
    config: AppConfig,
  ) {
    this.quietMs = LEASE_MS + 2 * config.storeTimeoutMs;
  }

  /** Until when, by `performance.now()`, a session that is not known to be deleted can be taken for one that is there. */
  get goodUntil(): number {
    return this.toldAt + LEASE_MS;
  }

  /** Whether a session is known to be deleted; not for ever, but for as long as anything is under way. */
  isKnown(sessionId: string): boolean {
    return this.known.has(sessionId);
  }

  /** Deletions that are not seen through yet. */
  get underWay(): number {
    return this.known.size;
  }

  /** Calls back once with each session that is deleted, as soon as this instance knows. */
  onDeleted(listener: (sessionId: string) => void): void {
    this.listeners.push(listener);
  }

  /** To be called when a session is to be deleted, and others can know. Should the caller fail, it is carried out here. */
  noteBegun(sessionId: string): void {
    this.note(sessionId, { step: 'close', dueAt: performance.now() + this.quietMs + OTHERS_FIRST_MS });
  }

  /** To be called when the log of a session has been closed, which is to be deleted. */
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
      this.toldAt = askedAt; // not before what it was told is noted
    } catch (error) {
      this.report(error);
      again = AGAIN_MS;
    }
    this.askIn(Math.max(0, again - (performance.now() - askedAt)));
    this.workOff();
  }

  /** Begins what is due, a few at a time. */
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

  /** Takes one step, and tells which is next. Each can be repeated, by several instances at the same time. */
  private async take(step: KnownDeletion['step'], sessionId: string): Promise<KnownDeletion | undefined> {
    switch (step) {
      case 'close': {
        if (!(await this.isPending(sessionId))) return undefined; // the one that was asked has seen it through
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
    // While the store is away every request tells so; nothing is lost by waiting.
    if (!isStoreUnavailable(error)) this.logger.error(error);
  }
}
