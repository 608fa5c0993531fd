import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EventBody, type ReadEvent } from '../support/representations.js';
import { onStore, startProcess, type ServiceProcess } from '../support/processes.js';
import { anEvent, createSession, newId, upTo } from '../support/samples.js';
import { makeStore, type TestStore } from '../support/store.js';

const WRITERS = 20;
const ACKNOWLEDGED_BEFORE_KILL = 60;

let store: TestStore;
beforeAll(async () => {
  store = await makeStore();
});
afterAll(() => store.remove());

/** Every event of a session in the order of its log. */
async function logOf(service: ServiceProcess, sessionId: string): Promise<ReadEvent[]> {
  const events: ReadEvent[] = [];
  for (let page = 1; ; page++) {
    const { body } = await service.client.read(sessionId, { sort: 'sequence', limit: 100, page });
    events.push(...body.events);
    if (!body.pagination.hasMore) return events;
  }
}

describe('kill -9 under concurrent appends', () => {
  it('loses nothing that was acknowledged, and leaves no gap', async () => {
    let service = await startProcess(onStore(store));
    const sessionId = await createSession(service.client);
    const acknowledged: EventBody[] = [];

    for (let round = 1; round <= 2; round++) {
      const enough = acknowledged.length + ACKNOWLEDGED_BEFORE_KILL;
      const running = service;
      const write = async () => {
        for (;;) {
          const event = anEvent({ eventId: newId(), payload: { round, filler: 'x'.repeat(500) } });
          const { status, body } = await running.client.append(sessionId, event);
          expect(status).toBe(201);
          acknowledged.push(body);
          if (acknowledged.length === enough) void running.stop('SIGKILL');
        }
      };
      const ends = await Promise.allSettled(upTo(WRITERS).map(write));
      expect(ends.every(({ status }) => status === 'rejected')).toBe(true); // their connections broke
      expect(await running.stop('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
      service = await startProcess(onStore(store));

      const log = await logOf(service, sessionId);
      expect(log.map(({ sequence }) => sequence)).toEqual(upTo(log.length));
      const stored = new Map(log.map((event) => [event.eventId, event]));
      expect(acknowledged.length).toBeGreaterThanOrEqual(ACKNOWLEDGED_BEFORE_KILL);
      for (const event of acknowledged) expect(stored.get(event.eventId)).toEqual({ ...event, late: false });
    }

    expect((await service.client.complete(sessionId)).body.finalSequence).toBe(
      (await logOf(service, sessionId)).length,
    );
    await service.stop();
  });
});
