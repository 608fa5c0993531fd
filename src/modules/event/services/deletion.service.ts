import { Injectable } from '@nestjs/common';
import { SessionService } from '../../session/services/session.service.js';
import { DeletionWatch } from '../deletion/deletion-watch.js';
import { LogEraser } from '../deletion/log-eraser.js';
import { DeletionRepository } from '../repositories/deletion.repository.js';

/** Deleting a session with its log; so it lives with the log. */
@Injectable()
export class DeletionService {
  constructor(
    private readonly sessions: SessionService,
    private readonly deletions: DeletionRepository,
    private readonly eraser: LogEraser,
    private readonly watch: DeletionWatch,
  ) {}

  /**
   * Deletes a session for ever; that it is deleted already is as good. When this resolves nothing of it can be read or
   * written any more, at any instance. Its events leave the store within seconds, also should this process die.
   *
   * @throws SessionNotFoundError
   * @throws StoreUnavailableError where it is not known how far it came. Safe to retry.
   */
  async delete(sessionId: string): Promise<void> {
    if (await this.sessions.isDeleted(sessionId)) {
      const deletion = await this.deletions.find(sessionId);
      if (!deletion || deletion.erased) return;
    } else {
      await this.deletions.note(sessionId); // first of all: should this process die, another one will find it
    }
    this.watch.noteBegun(sessionId); // so that appends of this process, which know the tail, do not win every place
    await this.eraser.close(sessionId);
    this.watch.noteClosed(sessionId);
  }
}
