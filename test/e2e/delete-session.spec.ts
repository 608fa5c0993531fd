import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pathOf } from '../support/client.js';
import { expectError } from '../support/expectations.js';
import { aSession, anEvent, createSession, createSessionWith, newId, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

/** The fields of what is left of an event. */
const EMPTY_PLACE = ['_id', 'closed', 'eventId', 'sequence', 'sessionId'];

let service: TestService;
beforeAll(async () => {
  service = await startService({ ERASE_AFTER_MS: 3000, ERASE_SWEEP_MS: 100 });
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

  it('leaves the id and the time of the deletion; no content when it answers, and no place after a while', async () => {
    const [sessionId, other] = [
      await createSessionWith(service.client, 1200), // more than one command blanks
      await createSessionWith(service.client, 5),
    ];
    const answers = upTo(20).map(() => service.client.append(sessionId, anEvent()));
    await service.client.delete(sessionId);

    const { events, sessions } = await storedOf(sessionId);
    for (const event of events) expect(Object.keys(event).sort()).toEqual(EMPTY_PLACE);
    expect(sessions).toEqual([{ sessionId, deletedAt: expect.any(Date) }]);
    for (const { status } of await Promise.all(answers)) expect([201, 410]).toContain(status);
    expectError(await service.client.append(sessionId, anEvent()), 'SESSION_DELETED');
    expect((await service.client.read(other)).body.pagination.total).toBe(5);

    await until(async () => (await storedOf(sessionId)).deletions.length === 0, 60_000);
    expect((await storedOf(sessionId)).events).toEqual([]);
    expect((await service.client.delete(sessionId)).status).toBe(204);
    expectError(await service.client.append(sessionId, anEvent()), 'SESSION_DELETED');
    expect(await storedOf(sessionId)).toMatchObject({ events: [], deletions: [] });
  });

  it('blanks a log for all who ask for it at the same time, not for each', async () => {
    const sessionId = await createSessionWith(service.client, 600);
    const blanked = async () => {
      const { text } = await service.client.send({ path: '/metrics' });
      return Number(/_count\{collection="events",operation="blank",[^}]*\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const before = await blanked();

    const answers = await Promise.all(upTo(30).map(() => service.client.delete(sessionId)));

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 204));
    const commands = (await blanked()) - before;
    expect(commands).toBeGreaterThanOrEqual(2); // 500 events each
    expect(commands).toBeLessThan(answers.length); // who comes late, to a store that is slow, may do it again
  });

  it('completes a deletion that another instance recorded before it died', async () => {
    const sessionId = await createSessionWith(service.client, 4);
    await service.connection.collection<{ _id: string }>('deletions').insertOne({ _id: sessionId });

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
