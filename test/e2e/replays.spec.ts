import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError, expectFirst, expectReplay } from '../support/expectations.js';
import { type Answer } from '../support/http.js';
import { aSession, anEvent, createSession, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

type Prefer = string | string[] | undefined;
const headersOf = (prefer: Prefer) => (prefer === undefined ? {} : { Prefer: prefer });

/** The two endpoints where a replay may differ, each with two versions of the same write. */
const ENDPOINTS = [
  {
    endpoint: 'POST /sessions',
    conflict: 'SESSION_CONFLICT' as const,
    prepare: () => {
      const body = aSession();
      return Promise.resolve({
        write: (prefer?: Prefer) => service.client.create(body, headersOf(prefer)) as Promise<Answer>,
        differ: (prefer?: Prefer) =>
          service.client.create({ ...body, language: 'fr' }, headersOf(prefer)) as Promise<Answer>,
      });
    },
  },
  {
    endpoint: 'POST /sessions/:sessionId/events',
    conflict: 'EVENT_CONFLICT' as const,
    prepare: async () => {
      const sessionId = await createSession(service.client);
      const body = anEvent();
      return {
        write: (prefer?: Prefer) =>
          service.client.append(sessionId, body, headersOf(prefer)) as Promise<Answer>,
        differ: (prefer?: Prefer) =>
          service.client.append(sessionId, { ...body, type: 'system' }, headersOf(prefer)) as Promise<Answer>,
      };
    },
  },
];

describe.each(ENDPOINTS)('Prefer: handling=strict, $endpoint', ({ conflict, prepare }) => {
  it('is confirmed in the response: with 201, 200 and 409', async () => {
    const { write, differ } = await prepare();

    const first = await write('handling=strict');
    const replay = await write('handling=strict');
    const refused = await differ('handling=strict');

    expectFirst(first);
    expectReplay(replay);
    expectError(refused, conflict);
    for (const { headers } of [first, replay, refused]) {
      expect(headers['preference-applied']).toBe('handling=strict');
    }
  });

  it('refuses a replay that differs, and changes nothing', async () => {
    const { write, differ } = await prepare();
    const first = await write();

    const refused = await differ('handling=strict');

    expectError(refused, conflict);
    expect(refused.headers).not.toHaveProperty('idempotent-replayed');
    expect((await write()).body).toEqual(first.body);
  });

  it('accepts one of 100 concurrent writes that differ, and refuses the others', async () => {
    const { write, differ } = await prepare();

    const answers = await Promise.all(
      upTo(100).map((n) => (n % 2 ? write('handling=strict') : differ('handling=strict'))),
    );

    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect([count(201), count(200), count(409)]).toEqual([1, 49, 50]);
  });

  it.each([
    ['in capitals', 'HANDLING=STRICT'],
    ['quoted', 'handling="strict"'],
    ['with spaces', ' handling = strict '],
    ['among others', 'respond-async, wait=10, handling=strict, x'],
    ['with a parameter', 'handling=strict; foo=bar'],
    ['after a quoted text with a comma', 'a="b, c", handling=strict'],
    ['in a header of its own', ['respond-async', 'handling=strict']],
    ['twice, strict first', 'handling=strict, handling=lenient'],
  ])('is understood %s', async (_how, prefer) => {
    const { write, differ } = await prepare();
    await write();

    expectError(await differ(prefer), conflict);
  });

  it.each([
    ['not there', undefined],
    ['lenient', 'handling=lenient'],
    ['twice, lenient first', ['handling=lenient', 'handling=strict']],
    ['another value', 'handling=very-strict'],
    ['without a value', 'handling'],
    ['another preference', 'xhandling=strict'],
    ['within a quoted text', 'note="a, handling=strict, b"'],
    ['half quoted', 'handling="strict'],
    ['empty', ''],
  ])('is ignored if it is %s', async (_how, prefer) => {
    const { write, differ } = await prepare();
    await write();

    const answer = await differ(prefer);

    expectReplay(answer, { mismatch: true });
    expect(answer.headers).not.toHaveProperty('preference-applied');
  });
});
