import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type EventBody, type ReadBody, type ReadEvent } from '../support/representations.js';
import { anEvent, createSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

const RUNS = 30;
const TYPES = ['user_speech', 'bot_speech', 'system'] as const;
const START = Date.parse('2026-03-01T12:00:00Z');

/** The events to walk through, as query parameters. */
interface Selection {
  readonly sort?: 'timestamp' | 'sequence' | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
  readonly type?: readonly string[] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly afterSequence?: number | undefined;
}

/** An event to send, with few different times, so that ties and steps back are common. */
const event = fc.record({
  type: fc.constantFrom(...TYPES),
  timestamp: fc.nat(6).map((seconds) => at(seconds)),
});
const events = (maxLength: number) =>
  fc.oneof(
    fc.array(event, { maxLength }),
    // A log in chronological order, as nearly all are, which the service reads in another way.
    fc
      .array(event, { maxLength })
      .map((list) => list.toSorted((a, b) => a.timestamp.localeCompare(b.timestamp))),
  );

const sometimes = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const selection: fc.Arbitrary<Selection> = fc.record({
  sort: sometimes(fc.constantFrom('timestamp' as const, 'sequence' as const)),
  order: sometimes(fc.constantFrom('asc' as const, 'desc' as const)),
  type: sometimes(fc.uniqueArray(fc.constantFrom(...TYPES), { minLength: 1 })),
  from: sometimes(fc.nat(6).map((seconds) => at(seconds))),
  to: sometimes(fc.nat(7).map((seconds) => at(seconds))),
  afterSequence: sometimes(fc.nat(12)),
});

function at(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString();
}

/** What the contract says a selection shows of a log, computed as simply as possible. */
function expectedOf(
  log: readonly EventBody[],
  { sort, order, type, from, to, afterSequence }: Selection,
): string[] {
  const chosen = log.filter(
    (stored) =>
      (type?.includes(stored.type) ?? true) &&
      (from === undefined || stored.timestamp >= from) &&
      (to === undefined || stored.timestamp < to) &&
      stored.sequence > (afterSequence ?? 0),
  );
  const bySequence = (a: EventBody, b: EventBody) => a.sequence - b.sequence;
  const byTime = (a: EventBody, b: EventBody) => a.timestamp.localeCompare(b.timestamp) || bySequence(a, b);
  const inOrderOfLog = (sort ?? (afterSequence === undefined ? 'timestamp' : 'sequence')) === 'sequence';
  chosen.sort(inOrderOfLog ? bySequence : byTime);
  if (order === 'desc') chosen.reverse();
  return chosen.map(({ eventId }) => eventId);
}

const idsOf = (list: readonly ReadEvent[]) => list.map(({ eventId }) => eventId);

const A_CURSOR: unknown = expect.any(String);

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

async function read(sessionId: string, query: Record<string, unknown>): Promise<ReadBody> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const answer = await service.client.read(
    sessionId,
    Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
  );
  expect(answer.status).toBe(200);
  return answer.body;
}

/** Appends events in order. All are sent at once, for speed: a lane keeps the order in which it gets them. */
async function append(sessionId: string, list: readonly object[]): Promise<EventBody[]> {
  const answers = await Promise.all(list.map((item) => service.client.append(sessionId, anEvent(item))));
  return answers.map(({ status, body }) => {
    expect(status).toBe(201);
    return body;
  });
}

describe('walking through the events of a session', () => {
  it('by cursor shows what was stored when the walk began, each once and in order, while appends go on', async () => {
    const walks = fc.tuple(
      events(25),
      selection,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      events(12),
    );

    await fc.assert(
      fc.asyncProperty(walks, async ([before, chosen, limits, meanwhile]) => {
        const sessionId = await createSession(service.client);
        const log = await append(sessionId, before);
        const shown: ReadEvent[] = [];
        const added: Promise<EventBody[]>[] = [];
        let cursor: string | null | undefined;
        for (let step = 0; cursor !== null; step++) {
          // Half of the appends race the read, half are done before the next one.
          added.push(append(sessionId, meanwhile.slice(step, step + 1)));
          if (step % 2) await Promise.all(added);
          const limit = limits[step % limits.length];
          const body = await read(sessionId, cursor === undefined ? { ...chosen, limit } : { cursor, limit });
          shown.push(...body.events);
          cursor = body.pagination.nextCursor;
          expect(body.pagination.hasMore).toBe(cursor !== null);
        }
        const later = (await Promise.all(added)).flat();

        const ids = idsOf(shown);
        expect(new Set(ids).size).toBe(ids.length);
        const laterIds = new Set(later.map(({ eventId }) => eventId));
        expect(ids.filter((id) => !laterIds.has(id))).toEqual(expectedOf(log, chosen));
        // Events stored during the walk may be shown or not, but if so, in their place.
        const all = expectedOf([...log, ...later], chosen);
        expect(ids).toEqual(all.filter((id) => ids.includes(id)));
      }),
      { numRuns: RUNS },
    );
  });

  it('by page shows the same list, with the right totals', async () => {
    const walks = fc.tuple(events(25), selection, fc.integer({ min: 1, max: 9 }), fc.nat(25));

    await fc.assert(
      fc.asyncProperty(walks, async ([list, chosen, limit, endsAfter]) => {
        const sessionId = await createSession(service.client);
        const log = await append(sessionId, list.slice(0, endsAfter));
        const { finalSequence } = (await service.client.complete(sessionId)).body;
        log.push(...(await append(sessionId, list.slice(endsAfter))));
        const expected = expectedOf(log, chosen);
        const totalPages = Math.ceil(expected.length / limit);
        const pages = await Promise.all(
          Array.from({ length: totalPages + 1 }, (_, index) =>
            read(sessionId, { ...chosen, limit, page: index + 1 }),
          ),
        );

        expect(finalSequence).toBe(Math.min(endsAfter, list.length));
        expect(pages.flatMap((body) => idsOf(body.events))).toEqual(expected);
        pages.forEach(({ pagination, events: shown }, index) => {
          expect(pagination).toEqual({
            total: expected.length,
            page: index + 1,
            limit,
            totalPages,
            hasMore: index + 1 < totalPages,
            nextCursor: index + 1 < totalPages ? A_CURSOR : null,
          });
          for (const { late, sequence } of shown) expect(late).toBe(sequence > (finalSequence ?? 0));
        });
      }),
      { numRuns: RUNS },
    );
  });
});
