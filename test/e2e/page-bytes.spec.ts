import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anEvent, createSession, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

const MIB = 1024 * 1024;

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

/** A session with events of these sizes, which no request may have: they go to the store directly. */
async function aSessionOf(mibs: readonly number[]): Promise<string> {
  const sessionId = await createSession(service.client, { status: 'active' });
  const timestamp = new Date();
  for (const [index, mib] of mibs.entries()) {
    const event = anEvent({ payload: { text: 'x'.repeat(mib * MIB) } });
    const place = { sessionId, sequence: index + 1, timestamp, receivedAt: timestamp };
    await service.connection.collection('events').insertOne({ ...event, ...place });
  }
  return sessionId;
}

const sequences = (events: readonly { sequence: number }[]) => events.map(({ sequence }) => sequence);

describe('a page whose events exceed MAX_PAGE_BYTES, 4 MiB, together', () => {
  it('loses no event in a walk by cursor, whatever the sizes, and holds at least one', async () => {
    const walk = fc.record({
      mibs: fc.array(fc.constantFrom(0, 0.1, 1.3, 2.6, 4, 5), { minLength: 1, maxLength: 8 }),
      limit: fc.integer({ min: 1, max: 9 }),
      sort: fc.constantFrom('timestamp', 'sequence'),
      order: fc.constantFrom('asc', 'desc'),
    });
    await fc.assert(
      fc.asyncProperty(walk, async ({ mibs, ...query }) => {
        const sessionId = await aSessionOf(mibs);
        const seen: number[] = [];
        let page = (await service.client.read(sessionId, query)).body;
        for (;;) {
          const bytes = page.events.map(({ payload }) => String(payload['text']).length);
          if (bytes.length > 1) expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(4 * MIB);
          seen.push(...sequences(page.events));
          const { nextCursor: cursor, hasMore } = page.pagination;
          expect(hasMore).toBe(cursor !== null);
          if (cursor === null) break;
          page = (await service.client.read(sessionId, { cursor, limit: query.limit })).body;
          expect(page.events.length).toBeGreaterThan(0);
        }
        const all = upTo(mibs.length);
        expect(seen).toEqual(query.order === 'asc' ? all : all.reverse());
      }),
      { numRuns: 6 },
    );
  });
});
