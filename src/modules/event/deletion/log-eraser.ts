import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { StoreUnavailableError } from '../../../common/errors/domain-error.js';
import { SessionService } from '../../session/services/session.service.js';
import { EventRepository } from '../repositories/event.repository.js';

/** How many events one command deletes: few enough for the store's time limit. */
const CHUNK = 1000;
/** How many times an append may take the place after the tail before closing gives up. The client may retry. */
const MAX_COLLISIONS = 100;
const MAX_PAUSE_MS = 8;

/** Closes and erases the logs of sessions that are to be deleted. Everything here can be repeated. */
@Injectable()
export class LogEraser {
  /** Sessions whose content this process has removed since it started. */
  deletedSessions = 0;

  constructor(
    private readonly sessions: SessionService,
    private readonly events: EventRepository,
  ) {}

  /**
   * Removes a session's content and closes its log. Afterwards nothing of it can be read, and every append is
   * refused, because an event or the closing mark has the place that it needs.
   *
   * @returns whether the log was closed before.
   */
  async close(sessionId: string): Promise<boolean> {
    if (await this.sessions.erase(sessionId)) this.deletedSessions++;
    for (let collisions = 0; collisions < MAX_COLLISIONS; collisions++) {
      const tail = await this.events.findTail(sessionId);
      if (tail?.closed) return true;
      if (await this.events.closeAt(sessionId, (tail?.sequence ?? 0) + 1)) return false;
      await sleep(Math.random() * MAX_PAUSE_MS);
    }
    throw new StoreUnavailableError();
  }

  /** Deletes everything in a log, the closing mark last. */
  async erase(sessionId: string): Promise<void> {
    const last = (await this.events.findTail(sessionId))?.sequence ?? 0;
    for (let upTo = CHUNK; upTo < last; upTo += CHUNK) await this.events.deleteUpTo(sessionId, upTo);
    if (last > 0) await this.events.deleteAll(sessionId);
  }
}
