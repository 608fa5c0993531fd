import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionLog } from '../../src/modules/event/log/session-log.js';
import { MetadataService } from '../../src/modules/session/services/metadata.service.js';
import { type SentCommand, startWatchedService, type WatchedService } from '../support/watched-service.js';

// Counted, not timed: one round trip more than here is a regression, whatever the machine.
let service: WatchedService;
beforeAll(async () => {
  service = await startWatchedService();
});
afterAll(() => service.close());

const anEvent = (eventId: string, timestamp?: string) => ({
  eventId,
  type: 'system',
  payload: {},
  timestamp,
});
const names = (commands: SentCommand[]) => commands.map(({ name }) => name).sort();

let made = 0;

/** A session with events, all of which this process has appended: its tail is remembered. */
async function aSessionWith(events: number): Promise<string> {
  const sessionId = `s-${++made}`;
  await service.client.create({ sessionId, language: 'en' });
  for (let index = 1; index <= events; index++) await service.client.append(sessionId, anEvent(`e-${index}`));
  return sessionId;
}

describe('round trips to the store', () => {
  it('creating a session: one; again: two', async () => {
    const body = { sessionId: 'created', language: 'en' };
    expect(names(await service.commandsOf(() => service.client.create(body)))).toEqual(['insert']);
    expect(names(await service.commandsOf(() => service.client.create(body)))).toEqual(['find', 'insert']);
  });

  it('the first event: session and tail are read, the session becomes active, the event is stored', async () => {
    const sessionId = await aSessionWith(0);
    const commands = await service.commandsOf(() => service.client.append(sessionId, anEvent('e')));
    expect(names(commands)).toEqual(['find', 'find', 'insert', 'update']);
  });

  it('every further event: one', async () => {
    const sessionId = await aSessionWith(1);
    for (let index = 2; index < 5; index++) {
      const commands = await service.commandsOf(() =>
        service.client.append(sessionId, anEvent(`e-${index}`)),
      );
      expect(names(commands)).toEqual(['insert']);
    }
  });

  it('an event that goes back in time: one as well', async () => {
    const sessionId = await aSessionWith(1);
    const late = anEvent('late', '2001-01-01T00:00:00Z');
    expect(names(await service.commandsOf(() => service.client.append(sessionId, late)))).toEqual(['insert']);
  });

  it('an event again: one, its twin is looked up', async () => {
    const sessionId = await aSessionWith(2);
    const commands = await service.commandsOf(() => service.client.append(sessionId, anEvent('e-1')));
    expect(names(commands)).toEqual(['find']);
  });

  it('an event again that another process stored: the refused insert, then its twin', async () => {
    const sessionId = await aSessionWith(1);
    const now = new Date();
    const stored = { ...anEvent('elsewhere'), sessionId, sequence: 2, timestamp: now, receivedAt: now };
    await service.connection.collection('events').insertOne(stored);
    await service.client.append(sessionId, anEvent('e-3')); // finds the tail
    const commands = await service.commandsOf(() => service.client.append(sessionId, anEvent('elsewhere')));
    // A server that does not say which index refused has to be asked for the tail as well.
    const tail = process.env['TEST_MONGODB_URI'] && names(commands).length === 3 ? ['find'] : [];
    expect(names(commands)).toEqual([...tail, 'find', 'insert']);
  });

  it('events of many sessions again, at once: one for all of them', async () => {
    const sessionIds = await Promise.all(Array.from({ length: 20 }, () => aSessionWith(2)));
    const log = service.app.get(SessionLog);
    const draft = { eventId: 'e-2', type: 'system' as const, payload: {}, timestamp: undefined };
    const found: unknown[] = [];
    const commands = await service.commandsOf(async () => {
      found.push(...(await Promise.all(sessionIds.map((sessionId) => log.append(sessionId, draft)))));
    });
    expect(names(commands)).toEqual(['find']);
    expect(found).toMatchObject(
      sessionIds.map((sessionId) => ({ event: { sessionId, eventId: 'e-2' }, stored: false })),
    );
  });

  it('a hundred events at once: one for the first, one for all that wait for it', async () => {
    const sessionId = await aSessionWith(1);
    const log = service.app.get(SessionLog); // not by HTTP, where they would come one after the other
    const drafts = Array.from({ length: 100 }, (_, n) => `many-${n}`).map((eventId) => ({
      eventId,
      type: 'system' as const,
      payload: {},
      timestamp: undefined,
    }));
    const commands = await service.commandsOf(() =>
      Promise.all(drafts.map((draft) => log.append(sessionId, draft))),
    );
    expect(names(commands)).toEqual(['insert', 'insert']);
    expect(commands.map(({ command }) => (command['documents'] as unknown[]).length)).toEqual([1, 99]);
  });

  it('events of a hundred sessions at once: one for all of them', async () => {
    const sessionIds = await Promise.all(Array.from({ length: 100 }, () => aSessionWith(1)));
    const log = service.app.get(SessionLog);
    const draft = { eventId: 'e-2', type: 'system' as const, payload: {}, timestamp: undefined };
    const commands = await service.commandsOf(() =>
      Promise.all(sessionIds.map((sessionId) => log.append(sessionId, draft))),
    );
    expect(names(commands)).toEqual(['insert']);
  });

  it('completing: the tail, then one conditional update', async () => {
    const sessionId = await aSessionWith(1);
    const commands = await service.commandsOf(() => service.client.complete(sessionId));
    expect(names(commands)).toEqual(['find', 'findAndModify']);
  });

  it('patching metadata: the session, then one conditional update; a hundred patches at once need no more than four', async () => {
    const sessionId = await aSessionWith(0);
    const patch = (n: number) => ({ metadata: { [`k${n}`]: n } });
    const commands = await service.commandsOf(() => service.client.patch(sessionId, patch(0)));
    expect(names(commands)).toEqual(['find', 'findAndModify']);

    const metadata = service.app.get(MetadataService); // not by HTTP, where they would come one after the other
    const many = await service.commandsOf(() =>
      Promise.all(Array.from({ length: 100 }, (_, n) => metadata.patch(sessionId, { [`k${n}`]: -1 - n }))),
    );
    expect(names(many)).toEqual(['find', 'find', 'findAndModify', 'findAndModify']);
  });

  it('a page of the list: one; by cursor: two side by side; each further status as many again', async () => {
    const list = (query: Record<string, string | number>) =>
      service.commandsOf(() => service.client.list({ limit: 1, ...query }));
    await Promise.all([aSessionWith(0), aSessionWith(1), aSessionWith(0), aSessionWith(1)]);
    const { nextCursor } = (await service.client.list({ limit: 1 })).body.pagination;
    expect(names(await list({}))).toEqual(['find']);
    expect(names(await list({ cursor: nextCursor ?? '' }))).toEqual(['find', 'find']);
    expect(names(await list({ status: 'initiated,active' }))).toEqual(['find', 'find']);
  });

  describe.each(['timestamp', 'sequence'])('reading by %s', (sort) => {
    let sessionId: string;
    beforeAll(async () => {
      sessionId = await aSessionWith(30);
    });
    const reading = (query: Record<string, string | number>) =>
      service.commandsOf(() => service.client.read(sessionId, { sort, limit: 5, ...query }));

    it('any page: session, tail and rows side by side; no count, no skip', async () => {
      for (const page of [1, 3, 6, 7]) {
        const commands = await reading({ page });
        expect(names(commands)).toEqual(['find', 'find', 'find']);
        expect(commands.filter(({ command }) => Number(command['skip'] ?? 0) > 0)).toEqual([]);
      }
    });

    it('the first page from the end: session and rows, the first of which is the tail', async () => {
      expect(names(await reading({ order: 'desc' }))).toEqual(['find', 'find']);
    });

    it('by cursor, at any depth: three at most', async () => {
      let cursor: string | null = (await service.client.read(sessionId, { sort, limit: 5 })).body.pagination
        .nextCursor;
      while (cursor !== null) {
        expect((await reading({ cursor })).length).toBeLessThanOrEqual(3);
        cursor = (await service.client.read(sessionId, { sort, limit: 5, cursor })).body.pagination
          .nextCursor;
      }
    });
  });
});
