import { Injectable } from '@nestjs/common';
import { SessionService } from '../../session/services/session.service.js';
import { DeletionWatch } from '../deletion/deletion-watch.js';
import { LogEraser } from '../deletion/log-eraser.js';
import { DeletionRepository } from '../repositories/deletion.repository.js';

/** Deletes sessions with their logs, and therefore belongs to the event module. */
@Injectable()
export class DeletionService {
  constructor(
    private readonly sessions: SessionService,
    private readonly deletions: DeletionRepository,
    private readonly eraser: LogEraser,
    private readonly watch: DeletionWatch,
  ) {}

  /**
   * Deletes a session for good, or does nothing if it is deleted already. Afterwards nothing of it can be read or
   * written at any instance. Its events leave the store within seconds, even if this process dies.
   *
   * @throws SessionNotFoundError
   * @throws StoreUnavailableError if it is unknown how far the deletion came. Safe to retry.
   */
  async delete(sessionId: string): Promise<void> {
    if (await this.sessions.isDeleted(sessionId)) {
      const deletion = await this.deletions.find(sessionId);
      if (!deletion || deletion.erased) return;
    } else {
      await this.deletions.note(sessionId); // first, so that if this process dies, another one finds it
    }
    this.watch.noteBegun(sessionId); // so that appends of this process, which knows the tail, do not win every place
    await this.eraser.close(sessionId);
    this.watch.noteClosed(sessionId);
  }
}
