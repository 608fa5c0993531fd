import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type SentCommand, startWatchedService, type WatchedService } from '../support/watched-service.js';

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
  for (let from = 1; from <= events; from += 100) {
    const ids = Array.from({ length: Math.min(100, events + 1 - from) }, (_, n) => `e-${from + n}`);
    await service.client.appendBatch(
      sessionId,
      ids.map((id) => anEvent(id)),
    );
  }
  return sessionId;
}

describe('an append costs one round trip', () => {
  it('if this process knows the tail, even where it goes back in time', async () => {
    const sessionId = await aSessionWith(1);
    for (const event of [anEvent('next'), anEvent('late', '2001-01-01T00:00:00Z')]) {
      const commands = await service.commandsOf(() => service.client.append(sessionId, event));
      expect(names(commands)).toEqual(['insert']);
    }
  });

  it('for a batch of a hundred events', async () => {
    const sessionId = await aSessionWith(1);
    const events = Array.from({ length: 100 }, (_, n) => anEvent(`batched-${n}`));
    const commands = await service.commandsOf(() => service.client.appendBatch(sessionId, events));
    expect(names(commands)).toEqual(['insert']);
  });

  it('and so does a retry, which looks first and inserts nothing in vain', async () => {
    const sessionId = await aSessionWith(2);
    const again = await service.commandsOf(() => service.client.append(sessionId, anEvent('e-1')));
    expect(names(again)).toEqual(['find']);
    const created = await service.commandsOf(() => service.client.create({ sessionId, language: 'en' }));
    expect(names(created)).toEqual(['find']);
  });
});

describe.each(['timestamp', 'sequence'])('a page by %s', (sort) => {
  let ordered: string;
  let unordered: string;
  beforeAll(async () => {
    ordered = await aSessionWith(230);
    unordered = await aSessionWith(230);
    await service.client.append(unordered, anEvent('old', '2001-01-01T00:00:00Z'));
  });
  const reading = (sessionId: string, query: Record<string, string | number>) =>
    service.commandsOf(() => service.client.read(sessionId, { sort, limit: 5, ...query }));
  const skips = (commands: SentCommand[]) => commands.some(({ command }) => Number(command['skip'] ?? 0) > 0);

  it('needs no count', async () => {
    for (const page of [1, 40, 45]) expect(names(await reading(ordered, { page }))).not.toContain('count');
  });

  it('is found at any depth without a skip, where the order of the log is that of time', async () => {
    expect(skips(await reading(ordered, { page: 45 }))).toBe(false);
    expect(skips(await reading(unordered, { page: 45 }))).toBe(sort === 'timestamp');
  });

  it('is found by cursor without a skip, everywhere', async () => {
    for (const sessionId of [ordered, unordered]) {
      const { body } = await service.client.read(sessionId, { sort, limit: 100 });
      const { nextCursor } = body.pagination;
      expect(skips(await reading(sessionId, { cursor: nextCursor ?? '' }))).toBe(false);
    }
  });
});
