import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventRepository, type Insertion } from '../../src/modules/event/repositories/event.repository.js';
import { type Event } from '../../src/modules/event/schemas/event.schema.js';
import { expectFirst, expectReplay } from '../support/expectations.js';
import { anEvent, createSession, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

/** While this is set, inserts wait for it. */
let held: Promise<void> | undefined;

class HeldRepository extends EventRepository {
  override async insertAt(events: readonly Event[]): Promise<Insertion> {
    await held;
    return super.insertAt(events);
  }
}

let service: TestService;
beforeAll(async () => {
  service = await startService({}, [{ provider: EventRepository, by: HeldRepository }]);
});
afterAll(() => service.close());

describe('the retry of an event that is stored', () => {
  it('does not wait for other events of its session that are not stored yet', async () => {
    const sessionId = await createSession(service.client);
    const stored = anEvent();
    const first = await service.client.append(sessionId, stored);
    let release: () => void = () => undefined;
    held = new Promise((resolve) => {
      release = resolve;
    });
    const waiting = upTo(5).map(() => service.client.append(sessionId, anEvent()));

    const again = await service.client.append(sessionId, stored);

    expectReplay(again);
    expect(again.text).toBe(first.text);
    release();
    for (const answer of await Promise.all(waiting)) expectFirst(answer);
  });

  it('returns an event that a release without digests stored, compared by its content', async () => {
    const sessionId = await createSession(service.client);
    const payload = { b: [1, { c: 2 }], a: 'x' };
    const event = { ...anEvent({ payload }), timestamp: '2026-03-01T12:00:00.000Z' };
    const moment = new Date(event.timestamp);
    const document = { ...event, sessionId, sequence: 1, timestamp: moment, receivedAt: moment };
    await service.connection.collection('events').insertOne(document);

    const reordered = { ...event, payload: { a: 'x', b: [1, { c: 2 }] } };
    const again = await service.client.append(sessionId, reordered);
    const other = await service.client.append(sessionId, { ...event, payload: {} });

    expectReplay(again);
    expect(JSON.stringify(again.body.payload)).toBe(JSON.stringify(payload));
    expectReplay(other, { mismatch: true });
    expect(other.body).toEqual(again.body);
  });

  it('returns the stored event if only the order of its keys differs', async () => {
    const sessionId = await createSession(service.client);
    const event = anEvent({ payload: { a: 1, b: 2 } });
    const first = await service.client.append(sessionId, event);

    const again = await service.client.append(sessionId, { ...event, payload: { b: 2, a: 1 } });

    expectReplay(again);
    expect(again.text).toBe(first.text);
  });
});
