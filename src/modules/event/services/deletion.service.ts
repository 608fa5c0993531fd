import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { StoreUnavailableError } from '../../../common/errors/domain-error.js';
import { SharedWork } from '../../../common/shared-work.js';
import { AppConfig } from '../../../config/load-config.js';
import { SessionService } from '../../session/services/session.service.js';
import { DeletionRepository } from '../repositories/deletion.repository.js';
import { EventRepository } from '../repositories/event.repository.js';
import { LogNews } from './log-news.js';

/** How many events one command blanks or removes: few enough for the store's time limit. */
const CHUNK = 500;
/** How often an append may take the place after the tail before closing the log gives up. The client may retry. */
const MAX_COLLISIONS = 100;
const MAX_PAUSE_MS = 8;
/** Logs of more places take longer than a request may: their deletion is answered while the rest is blanked. */
const LARGE = 10_000;
/** The part of the time limit for which the deletion of such a log waits. */
const PATIENCE = 0.75;

/**
 * Deletes sessions with their logs, and therefore belongs to the event module.
 *
 * A deletion takes the content out of the log and leaves its places taken, with a mark after the last one. So whoever
 * appends from what it remembers, however old that is, is refused by the unique indexes and finds the mark; this needs no
 * clock. The places are removed a day later.
 */
@Injectable()
export class DeletionService {
  /** By session, for those who delete it again meanwhile. */
  private readonly blanking = new SharedWork<void>();

  constructor(
    private readonly sessions: SessionService,
    private readonly events: EventRepository,
    private readonly deletions: DeletionRepository,
    private readonly news: LogNews,
    private readonly config: AppConfig,
  ) {}

  /**
   * Deletes a session for good, or does nothing if it is deleted already. Afterwards nothing of it can be read or written
   * at any instance, and its content is out of the store; of a very large session, the rest follows at once.
   *
   * @throws SessionNotFoundError
   * @throws StoreUnavailableError if it is unknown how far the deletion came. Safe to retry.
   */
  async delete(sessionId: string): Promise<void> {
    const patience = sleep(PATIENCE * this.config.STORE_TIMEOUT_MS, undefined, { ref: false });
    if (await this.sessions.isDeleted(sessionId)) {
      const deletion = await this.deletions.find(sessionId);
      if (!deletion || deletion.blankedAt) return;
    } else {
      await this.deletions.note(sessionId); // first, so that if this process dies, another one finds it
    }
    const last = await this.close(sessionId);
    const blanked = this.blank(sessionId, last);
    blanked.catch(() => undefined); // whoever comes next completes it
    await (last > LARGE ? Promise.race([blanked, patience]) : blanked);
  }

  /** Completes a deletion that was begun, at this instance or another, and may have been left half done. */
  async complete(sessionId: string): Promise<void> {
    await this.blank(sessionId, await this.close(sessionId));
  }

  /** Removes the places of a log whose content is gone, the mark last, and then the note of the deletion. */
  async removePlaces(sessionId: string): Promise<void> {
    const last = (await this.events.findTail(sessionId))?.sequence ?? 0;
    for (let upTo = CHUNK; upTo - CHUNK < last; upTo += CHUNK)
      await this.events.removePlaces(sessionId, upTo);
    await this.deletions.remove(sessionId);
  }

  /**
   * Removes a session's content and closes its log. Afterwards nothing of it can be read, and every append is refused,
   * because an event or the closing mark has the place that it needs.
   *
   * @returns the sequence of the mark.
   */
  private async close(sessionId: string): Promise<number> {
    await this.sessions.erase(sessionId);
    for (let collisions = 0; collisions < MAX_COLLISIONS; collisions++) {
      const tail = await this.events.findTail(sessionId);
      if (tail?.closed) return tail.sequence;
      const place = (tail?.sequence ?? 0) + 1;
      if (await this.events.closeAt(sessionId, place)) {
        this.news.tell(sessionId);
        return place;
      }
      await sleep(Math.random() * MAX_PAUSE_MS);
    }
    throw new StoreUnavailableError();
  }

  private blank(sessionId: string, last: number): Promise<void> {
    return this.blanking.run(sessionId, async () => {
      for (let after = 0; after < last - 1; after += CHUNK)
        await this.events.blank(sessionId, after, Math.min(after + CHUNK, last - 1));
      await this.deletions.markBlanked(sessionId, new Date());
    });
  }
}
