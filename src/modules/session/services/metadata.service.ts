import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { calculateObjectSize } from 'bson';
import { AppConfig } from '../../../config/load-config.js';
import { Lanes } from '../../../database/lanes.js';
import { StoreUnavailableError, ValidationFailedError } from '../../../common/errors/domain-error.js';
import { sameJson, type JsonObject } from '../../../common/http/json.js';
import { mergePatch } from '../../../common/http/merge-patch.js';
import { faultOfJsonObject } from '../../../common/validation/json-object.js';
import { tooLargeToStore } from '../metadata-size.js';
import { SessionRepository } from '../repositories/session.repository.js';
import { type Session } from '../schemas/session.schema.js';
import { SessionService } from './session.service.js';

/**
 * How many times a patch may find the metadata changed by another process before it gives up. Each time, another
 * patch was stored.
 */
const MAX_COLLISIONS = 100;
const MAX_PAUSE_MS = 32;

/** What is to change of a session. */
export interface SessionPatch {
  /** A merge patch (RFC 7396). */
  readonly metadata?: JsonObject;
  readonly language?: string;
}

/**
 * Patches the metadata of sessions, whether they have ended or not.
 *
 * What a patch makes of the metadata is worked out here, since limits hold for the result, and is stored on the condition
 * that nobody has patched it in between. Patches of one process to one session queue, and those that wait together are
 * merged one after the other and stored at once; so only other processes collide, as many as there are at most.
 */
@Injectable()
export class MetadataService {
  private readonly lanes: Lanes<JsonObject, Session | ValidationFailedError>;

  constructor(
    private readonly sessions: SessionService,
    private readonly repository: SessionRepository,
    private readonly config: AppConfig,
  ) {
    this.lanes = new Lanes({
      work: (sessionId, patches) => this.apply(sessionId, patches),
      bytesOf: (patch) => calculateObjectSize(patch),
      restBefore: () => 0,
      maxWaitMs: config.storeTimeoutMs,
    });
  }

  /**
   * Applies a merge patch (RFC 7396) to the metadata of a session.
   *
   * @returns the session with it.
   * @throws SessionNotFoundError
   * @throws ValidationFailedError where the result would exceed the limits of metadata; nothing is changed.
   * @throws StoreUnavailableError where the store is away, or too many patches wait or collide. Safe to retry.
   */
  async patch(sessionId: string, { metadata = {} }: SessionPatch): Promise<Session> {
    const outcome = await this.lanes.run(sessionId, metadata);
    if (outcome instanceof ValidationFailedError) throw outcome;
    return outcome;
  }

  /** Applies patches in order, skips those that exceed the limits, and gives the result of each. */
  private async apply(
    sessionId: string,
    patches: readonly JsonObject[],
  ): Promise<(Session | ValidationFailedError)[]> {
    for (let collisions = 0; collisions <= MAX_COLLISIONS; collisions++) {
      if (collisions > 0) await sleep(Math.random() * Math.min(MAX_PAUSE_MS, 2 ** collisions));
      const session = await this.sessions.get(sessionId);
      const { metadata, faults } = this.merge(session.metadata, patches);
      const stored = sameJson(metadata, session.metadata)
        ? session
        : await this.repository.replaceMetadata(session, metadata);
      if (stored) return faults.map((fault) => fault ?? stored);
    }
    throw new StoreUnavailableError();
  }

  private merge(metadata: JsonObject, patches: readonly JsonObject[]) {
    const faults = patches.map((patch) => {
      const merged = mergePatch(metadata, patch) as JsonObject;
      const message = faultOfJsonObject(merged, 'metadata', this.config.limits.metadataBytes);
      if (message !== undefined) return new ValidationFailedError([{ field: 'metadata', message }]);
      const tooLarge = tooLargeToStore(merged);
      if (tooLarge) return tooLarge;
      metadata = merged;
      return undefined;
    });
    return { metadata, faults };
  }
}
