import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { isObject } from 'class-validator';
import { limits } from '../../../config/config.js';
import { AppConfig } from '../../../config/load-config.js';
import { StoreUnavailableError, ValidationFailedError } from '../../../common/errors/domain-error.js';
import { sameJson, type JsonObject } from '../../../common/http/json.js';
import { faultOfJsonObject } from '../../../common/validation/json-object.js';
import { Lanes } from '../../../database/lanes.js';
import { type PatchSessionDto } from '../dto/session.dto.js';
import { SessionRepository } from '../repositories/session.repository.js';
import { type Session } from '../schemas/session.schema.js';
import { SessionService } from './session.service.js';

/** How many times a patch may find the session changed by another process before it gives up. */
const MAX_COLLISIONS = 100;
const MAX_PAUSE_MS = 32;

type Patchable = Pick<Session, 'metadata' | 'language'>;

/**
 * Patches metadata and language of sessions, whether they have ended or not.
 *
 * What a patch makes of the metadata is worked out here, since limits hold for the result, and is stored on the condition
 * that nobody has patched it in between. Patches of one process to one session queue, and those that wait together are
 * merged one after the other and stored at once; so only other processes collide, as many as there are at most.
 */
@Injectable()
export class PatchService {
  private readonly lanes: Lanes<PatchSessionDto, Session | ValidationFailedError>;

  constructor(
    private readonly sessions: SessionService,
    private readonly repository: SessionRepository,
    { STORE_TIMEOUT_MS }: AppConfig,
  ) {
    this.lanes = new Lanes({
      work: (sessionId, patches) => this.apply(sessionId, patches),
      bytesOf: (patch) => JSON.stringify(patch).length,
      maxWaitMs: STORE_TIMEOUT_MS,
    });
  }

  /**
   * Applies a merge patch (RFC 7396).
   *
   * @returns the session with it.
   * @throws SessionNotFoundError
   * @throws ValidationFailedError where the result would exceed the limits of metadata; nothing is changed.
   * @throws StoreUnavailableError where the store is away, or too many patches wait or collide. Safe to retry.
   */
  async patch(sessionId: string, patch: PatchSessionDto): Promise<Session> {
    const outcome = await this.lanes.run(sessionId, patch);
    if (outcome instanceof ValidationFailedError) throw outcome;
    return outcome;
  }

  /** Applies patches in order, skips those that exceed the limits, and gives the result of each. */
  private async apply(
    sessionId: string,
    patches: readonly PatchSessionDto[],
  ): Promise<(Session | ValidationFailedError)[]> {
    for (let collisions = 0; collisions <= MAX_COLLISIONS; collisions++) {
      if (collisions > 0) await sleep(Math.random() * Math.min(MAX_PAUSE_MS, 2 ** collisions));
      const session = await this.sessions.get(sessionId);
      const { changed, faults } = merge(session, patches);
      const same = changed.language === session.language && sameJson(changed.metadata, session.metadata);
      const stored = same ? session : await this.repository.change(session, changed);
      if (stored) return faults.map((fault) => fault ?? stored);
    }
    throw new StoreUnavailableError();
  }
}

function merge(session: Patchable, patches: readonly PatchSessionDto[]) {
  let { metadata, language } = session;
  const faults = patches.map((patch) => {
    const merged = mergePatch(metadata, patch.metadata ?? {}) as JsonObject;
    const message = faultOfJsonObject(merged, 'metadata', limits.MAX_METADATA_BYTES);
    if (message !== undefined) return new ValidationFailedError([{ field: 'metadata', message }]);
    metadata = merged;
    language = patch.language ?? language;
    return undefined;
  });
  return { changed: { metadata, language }, faults };
}

/**
 * Applies a JSON Merge Patch (RFC 7396). Neither value is changed. Keys that the patch does not name keep their places;
 * new ones follow.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const members = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else members.set(name, mergePatch(members.get(name), value));
  }
  return Object.fromEntries(members);
}
