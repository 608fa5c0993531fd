import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { StoreUnavailableError } from '../../src/common/errors/domain-error.js';
import { DeletionWatch, LEASE_MS } from '../../src/modules/event/deletion/deletion-watch.js';
import { DeletionRepository } from '../../src/modules/event/repositories/deletion.repository.js';
import { type Deletion } from '../../src/modules/event/schemas/deletion.schema.js';
import { pathOf } from '../support/client.js';
import { expectError } from '../support/expectations.js';
import { aSession, anEvent, createSession, createSessionWith, newId, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { makeSharedStore } from '../support/shared-store.js';
import { until } from '../support/until.js';

/** Erases logs and looks again without the long waits. */
@Injectable()
class SoonDone extends DeletionWatch {
  protected override readonly quietMs = 1000 + LEASE_MS;
  protected override readonly secondLookMs = 1000;
}

let isBlind = false;

/** While it is blind, it does not learn which sessions are deleted. */
@Injectable()
class Blind extends DeletionRepository {
  override async findAll(): Promise<Deletion[]> {
    if (isBlind) throw new StoreUnavailableError();
    return super.findAll();
  }
}

let service: TestService;
beforeAll(async () => {
  service = await startService({}, [{ provider: DeletionWatch, by: SoonDone }]);
});
afterAll(() => service.close());

/** The documents of a session in the store, by collection. */
async function storedOf(
  sessionId: string,
): Promise<{ sessions: object[]; events: object[]; deletions: object[] }> {
  const { connection } = service;
  const [sessions, events, deletions] = await Promise.all([
    connection
      .collection('sessions')
      .find({ sessionId }, { projection: { _id: 0 } })
      .toArray(),
    connection.collection('events').find({ sessionId }).toArray(),
    connection.collection<{ _id: string }>('deletions').find({ _id: sessionId }).toArray(),
  ]);
  return { sessions, events, deletions };
}

describe('DELETE /sessions/:sessionId', () => {
  it('answers 204 without a body, and again', async () => {
    const sessionId = await createSessionWith(service.client, 3);

    for (const answer of [await service.client.delete(sessionId), await service.client.delete(sessionId)]) {
      expect(answer.status).toBe(204);
      expect(answer.text).toBe('');
    }
  });

  it('answers 404 for a session that never existed', async () => {
    expectError(await service.client.delete(newId()), 'SESSION_NOT_FOUND');
  });

  it.each([0, 3])('ends a session with %i events, at once and for every request', async (count) => {
    const sessionId = await createSessionWith(service.client, count);
    const stored = anEvent({ eventId: 'e1' });

    await service.client.delete(sessionId);

    expectError(await service.client.read(sessionId), 'SESSION_DELETED');
    expectError(await service.client.read(sessionId, { order: 'desc', sort: 'sequence' }), 'SESSION_DELETED');
    expectError(await service.client.append(sessionId, anEvent()), 'SESSION_DELETED');
    expectError(await service.client.append(sessionId, stored), 'SESSION_DELETED');
    expectError(await service.client.complete(sessionId), 'SESSION_DELETED');
    expectError(await service.client.create(aSession({ sessionId })), 'SESSION_DELETED');
  });

  it('leaves the id and the time of the deletion, and no event, also some time later', async () => {
    const [sessionId, other] = [
      await createSessionWith(service.client, 1200), // more than one command deletes
      await createSessionWith(service.client, 5),
    ];
    const answers = upTo(20).map(() => service.client.append(sessionId, anEvent()));
    await service.client.delete(sessionId);

    for (const { status } of await Promise.all(answers)) expect([201, 410]).toContain(status);
    await until(async () => (await storedOf(sessionId)).events.length === 0, 60_000);
    expectError(await service.client.append(sessionId, anEvent()), 'SESSION_DELETED');
    expectError(await service.client.delete(newId()), 'SESSION_NOT_FOUND');
    expect((await service.client.delete(sessionId)).status).toBe(204);
    expect((await storedOf(sessionId)).sessions).toEqual([{ sessionId, deletedAt: expect.any(Date) }]);
    expect((await service.client.read(other)).body.pagination.total).toBe(5);

    await until(async () => (await storedOf(sessionId)).deletions.length === 0, 60_000);
    expect((await storedOf(sessionId)).events).toEqual([]);
    expect((await service.client.delete(sessionId)).status).toBe(204);
  });

  it('completes a deletion that another instance recorded before it died', async () => {
    const sessionId = await createSessionWith(service.client, 4);
    await service.connection
      .collection<{ _id: string; erased: boolean }>('deletions')
      .insertOne({ _id: sessionId, erased: false });

    await until(async () => (await storedOf(sessionId)).events.length === 0, 60_000);

    expectError(await service.client.read(sessionId), 'SESSION_DELETED');
  });
});

describe('a deletion among 100 concurrent appends', () => {
  it('refuses every append that was sent after it was answered', async () => {
    const sessionId = await createSession(service.client);
    let deleted = false;
    const appendSome = async () => {
      for (let n = 0; n < 20; n++) {
        const possible = deleted ? [410] : [201, 410];
        const { status } = await service.client.append(sessionId, anEvent());
        expect(possible).toContain(status);
      }
    };
    const appends = upTo(20).map(appendSome);
    while (((await service.client.read(sessionId)).body.pagination.total ?? 0) < 50);

    const deletions = await Promise.all(upTo(5).map(() => service.client.delete(sessionId)));
    deleted = true;

    await Promise.all(appends);
    expect(deletions.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
    expect((await service.client.send({ path: pathOf(sessionId) })).status).toBe(410);
  });
});

describe('an instance that can’t learn of a deletion', () => {
  it('does not append at a remembered place that is free again', async () => {
    const store = await makeSharedStore();
    const { mongodbUri } = store;
    const other = await startService({ mongodbUri }, [{ provider: DeletionWatch, by: SoonDone }]);
    const blind = await startService({ mongodbUri }, [{ provider: DeletionRepository, by: Blind }]);
    const sessionId = await createSession(blind.client);
    expect((await blind.client.append(sessionId, anEvent())).status).toBe(201);
    const events = other.connection.collection('events');

    isBlind = true;
    expect((await other.client.delete(sessionId)).status).toBe(204);
    await until(async () => (await events.countDocuments({ sessionId })) === 0, 60_000);

    expectError(await blind.client.append(sessionId, anEvent()), 'SESSION_DELETED');
    expect(await events.countDocuments({ sessionId })).toBe(0);
    await Promise.all([other.close(), blind.close()]);
    await store.remove();
  });
});
