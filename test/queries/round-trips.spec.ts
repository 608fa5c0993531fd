import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../src/common/http/json.js';
import { CompletionService } from '../../src/modules/event/services/completion.service.js';
import { SessionLog } from '../../src/modules/event/log/session-log.js';
import { MetadataService } from '../../src/modules/session/services/metadata.service.js';
import { TranscriptService } from '../../src/modules/transcript/services/transcript.service.js';
import { type SentCommand, startWatchedService, type WatchedService } from '../support/watched-service.js';

// Counts instead of times: one round trip more than here is a regression on any machine.
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

/** A session whose events were all appended by this process, so that its tail is remembered. */
async function aSessionWith(events: number): Promise<string> {
  const sessionId = `s-${++made}`;
  await service.client.create({ sessionId, language: 'en' });
  if (events > 0) await service.client.append(sessionId, anEvent('e-1'));
  const others = Array.from({ length: Math.max(0, events - 1) }, (_, index) => anEvent(`e-${index + 2}`));
  await Promise.all(others.map((event) => service.client.append(sessionId, event)));
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
    expect(names(commands)).toEqual(['aggregate', 'find', 'insert', 'update']);
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

  it('an event again: its twin is looked up, but not its payload, and the session beside it, which may be deleted', async () => {
    const sessionId = await aSessionWith(2);
    const commands = await service.commandsOf(() => service.client.append(sessionId, anEvent('e-1')));
    expect(names(commands)).toEqual(['find', 'find']);
    const { projection } = commands.find(({ command }) => command['find'] === 'events')?.command ?? {};
    expect(projection).toMatchObject({ sequence: 1, payloadDigest: 1 });
    expect(projection).not.toHaveProperty('payload');
  });

  it('an event again with another payload: one more, to read what is stored', async () => {
    const sessionId = await aSessionWith(2);
    const differing = { ...anEvent('e-1'), payload: { other: true } };
    const commands = await service.commandsOf(() => service.client.append(sessionId, differing));
    expect(names(commands)).toEqual(['find', 'find', 'find']);
  });

  it('an event again that another process stored: the refused insert, then its twin and the session', async () => {
    const sessionId = await aSessionWith(1);
    const now = new Date();
    const payloadDigest = digestOf({});
    const stored = {
      ...anEvent('elsewhere'),
      payloadDigest,
      sessionId,
      sequence: 2,
      timestamp: now,
      receivedAt: now,
    };
    await service.connection.collection('events').insertOne(stored);
    await service.client.append(sessionId, anEvent('e-3')); // remembers the tail
    const commands = await service.commandsOf(() => service.client.append(sessionId, anEvent('elsewhere')));
    // If a server does not report which index refused the event, the tail has to be read too.
    const tail = process.env['TEST_MONGODB_URI'] && names(commands).length === 4 ? ['aggregate'] : [];
    expect(names(commands)).toEqual([...tail, 'find', 'find', 'insert']);
  });

  it('events of many sessions again, at once: one look-up and one for the sessions, for all of them', async () => {
    const sessionIds = await Promise.all(Array.from({ length: 20 }, () => aSessionWith(2)));
    const log = service.app.get(SessionLog);
    const draft = { eventId: 'e-2', type: 'system' as const, payload: {}, timestamp: undefined };
    const found: unknown[] = [];
    const commands = await service.commandsOf(async () => {
      found.push(...(await Promise.all(sessionIds.map((sessionId) => log.append(sessionId, draft)))));
    });
    expect(names(commands)).toEqual(['find', 'find']);
    expect(found).toMatchObject(
      sessionIds.map((sessionId) => ({ event: { sessionId, eventId: 'e-2' }, stored: false })),
    );
  });

  it('events of one session again, at once: one look-up for all of them, in one branch', async () => {
    const sessionId = await aSessionWith(20);
    const log = service.app.get(SessionLog);
    const commands = await service.commandsOf(() =>
      Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          log.append(sessionId, {
            eventId: `e-${n + 1}`,
            type: 'system' as const,
            payload: {},
            timestamp: undefined,
          }),
        ),
      ),
    );
    expect(names(commands)).toEqual(['find', 'find']);
    expect(commands.find(({ command }) => command['find'] === 'events')?.command).toMatchObject({
      filter: { sessionId, eventId: { $in: expect.anything() } },
    });
  });

  it('a hundred events at once: one for the first, one for all that wait for it', async () => {
    const sessionId = await aSessionWith(1);
    const log = service.app.get(SessionLog); // not over HTTP, where they would arrive one after the other
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

  it('a batch of a hundred events: one', async () => {
    const sessionId = await aSessionWith(1);
    const events = Array.from({ length: 100 }, (_, n) => anEvent(`batched-${n}`));
    const commands = await service.commandsOf(() => service.client.appendBatch(sessionId, events));
    expect(names(commands)).toEqual(['insert']);
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

  it('completing many at once: the tails, the conditional updates, and how they ended, one command each', async () => {
    const sessionIds = await Promise.all(Array.from({ length: 20 }, (_, n) => aSessionWith(n % 3)));
    const completion = service.app.get(CompletionService);
    const ended: unknown[] = [];
    const commands = await service.commandsOf(async () => {
      ended.push(
        ...(await Promise.all([...sessionIds, ...sessionIds].map((id) => completion.complete(id, {})))),
      );
    });
    const ends = sessionIds.map((sessionId, n) => ({ resource: { sessionId, finalSequence: n % 3 } }));
    expect(ended).toMatchObject([
      ...ends.map((end) => ({ ...end, created: true })),
      ...ends.map((end) => ({ ...end, created: false })),
    ]);
    expect(names(commands)).toEqual(['aggregate', 'find', 'find', 'update']); // the second find is for the replays
  });

  it('completing: the tail, then one conditional update', async () => {
    const sessionId = await aSessionWith(1);
    const commands = await service.commandsOf(() => service.client.complete(sessionId));
    expect(names(commands)).toEqual(['aggregate', 'findAndModify']);
  });

  it('patching metadata: the session, then one conditional update; a hundred patches at once need no more than four', async () => {
    const sessionId = await aSessionWith(0);
    const patch = (n: number) => ({ metadata: { [`k${n}`]: n } });
    const commands = await service.commandsOf(() => service.client.patch(sessionId, patch(0)));
    expect(names(commands)).toEqual(['find', 'findAndModify']);

    const metadata = service.app.get(MetadataService); // not over HTTP, where they would arrive one after the other
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

  it('reading many sessions at once, and one of them twice: one for all, each with what is its own', async () => {
    const sessionIds = await Promise.all(Array.from({ length: 20 }, (_, n) => aSessionWith(n % 4)));
    const twice = await aSessionWith(3);
    const gone = await aSessionWith(1);
    await service.client.delete(gone);
    const transcripts = service.app.get(TranscriptService); // not over HTTP, where they would arrive one after the other
    // Their pages are known to be small; of others, only a few are read at once.
    for (const id of [...sessionIds, twice]) await transcripts.read(id, { limit: 1 });
    const wanted = [
      ...sessionIds.map((id) => [id, 1] as const),
      ...[1, 3, 2, 2].map((page) => [twice, page] as const),
    ];
    const read: unknown[] = [];
    const commands = await service.commandsOf(async () => {
      const reads = wanted.map(([id, page]) => transcripts.read(id, { limit: 1, page }));
      read.push(
        ...(await Promise.allSettled([...reads, transcripts.read(gone, {}), transcripts.read('no', {})])),
      );
    });

    expect(names(commands)).toEqual(['aggregate']);
    const pages = wanted.map(([sessionId, page], index) => {
      const total = index < sessionIds.length ? index % 4 : 3;
      const events = total === 0 ? [] : [{ sessionId, sequence: page }];
      return { value: { sessionId, events, pagination: { total, page } } };
    });
    expect(read).toMatchObject([
      ...pages,
      { reason: { code: 'SESSION_DELETED' } },
      { reason: { code: 'SESSION_NOT_FOUND' } },
    ]);
  });

  it('reading more at once than a reply can hold: each by itself then', async () => {
    const payload = { text: 'x'.repeat(6 * 1024 * 1024) };
    const sessionIds = ['large-1', 'large-2', 'large-3'];
    const moment = new Date();
    for (const sessionId of sessionIds) {
      await service.client.create({ sessionId, language: 'en', status: 'active' });
      const event = {
        sessionId,
        eventId: 'e',
        sequence: 1,
        type: 'system',
        timestamp: moment,
        receivedAt: moment,
      };
      await service.connection.collection('events').insertOne({ ...event, payload });
    }
    const transcripts = service.app.get(TranscriptService);
    const read: unknown[] = [];
    const commands = await service.commandsOf(async () => {
      read.push(...(await Promise.all(sessionIds.map((id) => transcripts.read(id, {})))));
    });

    expect(names(commands)).toEqual(Array(4).fill('aggregate'));
    expect(read).toMatchObject(sessionIds.map((sessionId) => ({ sessionId, events: [{ payload }] })));
  });

  describe.each(['timestamp', 'sequence'])('reading by %s', (sort) => {
    let ordered: string;
    let unordered: string;
    beforeAll(async () => {
      ordered = await aSessionWith(230);
      unordered = await aSessionWith(230);
      await service.client.append(unordered, anEvent('late', '2001-01-01T00:00:00Z'));
    });
    const reading = (sessionId: string, query: Record<string, string | number>) =>
      service.commandsOf(() => service.client.read(sessionId, { sort, limit: 5, ...query }));

    it.each(['asc', 'desc'])('the pages near the beginning, %s: one, and no count', async (order) => {
      for (const sessionId of [ordered, unordered]) {
        for (const page of [1, 3, 40]) {
          const commands = await reading(sessionId, { page, order });
          expect(names(commands)).toEqual(['aggregate']);
          expect(JSON.stringify(commands)).not.toContain('$group');
        }
      }
    });

    it('a page far from the beginning: one without a skip, where both orders are the same', async () => {
      const commands = await reading(ordered, { page: 41 });
      expect(names(commands)).toEqual(['aggregate']);
      expect(JSON.stringify(commands)).not.toContain('$skip');
    });

    it('such a page where they are not: two, the second skips', async () => {
      const commands = await reading(unordered, { page: 41 });
      const skips = commands.map(({ command }) => JSON.stringify(command).includes('$skip'));
      expect(skips).toEqual(sort === 'timestamp' ? [false, true] : [false]);
    });

    it('a page far from the end, counted from there: two', async () => {
      expect(names(await reading(ordered, { page: 41, order: 'desc' }))).toEqual(['aggregate', 'aggregate']);
    });

    it('what a filter selects: one, which counts it, too', async () => {
      const filter = { type: 'system', from: '2001-01-01T00:00:00Z' };
      expect(names(await reading(unordered, filter))).toEqual(['aggregate']);
    });

    it('a page past the end: one', async () => {
      for (const sessionId of [ordered, unordered]) {
        for (const order of ['asc', 'desc']) {
          expect(names(await reading(sessionId, { page: 1_000_000, order }))).toEqual(['aggregate']);
        }
      }
    });

    it('a session that there is not: one', async () => {
      expect(names(await reading('unknown', {}))).toEqual(['aggregate']);
    });

    it('by cursor, at any depth: one without a skip', async () => {
      for (const sessionId of [ordered, unordered]) {
        let cursor: string | null = (await service.client.read(sessionId, { sort, limit: 5 })).body.pagination
          .nextCursor;
        while (cursor !== null) {
          const commands = await reading(sessionId, { cursor });
          expect(names(commands)).toEqual(['aggregate']);
          expect(JSON.stringify(commands)).not.toContain('$skip');
          cursor = (await service.client.read(sessionId, { sort, limit: 5, cursor })).body.pagination
            .nextCursor;
        }
      }
    });
  });
});
