import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError, expectFirst, expectReplay } from '../support/expectations.js';
import { type EventBody } from '../support/representations.js';
import { anEvent, createSession, newId, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

/** Every event of a session in the order of its log. */
async function logOf(sessionId: string) {
  const { body } = await service.client.read(sessionId, { sort: 'sequence', limit: 100 });
  return body.events;
}

describe('POST /sessions/:sessionId/events/batch', () => {
  it('stores the events in the order given, and answers 201 with the result of each', async () => {
    const sessionId = await createSession(service.client);
    const events = upTo(5).map((n) =>
      anEvent({ payload: { n }, timestamp: `2026-03-01T12:00:0${9 - n}.000Z` }),
    );

    const answer = await service.client.appendBatch(sessionId, events);

    expectFirst(answer);
    expect(answer.body).toEqual({
      results: events.map((event, index) => ({
        status: 201,
        replayed: false,
        mismatch: false,
        event: { ...event, sessionId, sequence: index + 1, receivedAt: expect.any(String) },
      })),
    });
    expect((await logOf(sessionId)).map(({ payload }) => payload)).toEqual(upTo(5).map((n) => ({ n })));
    expect((await service.client.read(sessionId)).body.status).toBe('active');
  });

  it('answers 200 as a replay if no event is new', async () => {
    const sessionId = await createSession(service.client);
    const events = upTo(3).map(() => anEvent());
    const first = await service.client.appendBatch(sessionId, events);

    const again = await service.client.appendBatch(sessionId, events);

    expectReplay(again);
    expect(again.body.results.map(({ event }) => event)).toEqual(
      first.body.results.map(({ event }) => event),
    );
    expect(again.body.results.every(({ status, replayed }) => status === 200 && replayed)).toBe(true);
    expect(await logOf(sessionId)).toHaveLength(3);
  });

  it('stores the new events among known ones, and reports where stored content differs', async () => {
    const sessionId = await createSession(service.client);
    const [same, changed, twice] = [anEvent(), anEvent(), anEvent()];
    await service.client.append(sessionId, same);
    await service.client.append(sessionId, changed);

    const answer = await service.client.appendBatch(
      sessionId,
      [twice, same, { ...changed, type: 'system' }, anEvent(), twice, { ...twice, type: 'dtmf' }],
      { Prefer: 'handling=strict' },
    );

    expectFirst(answer);
    expect(answer.headers).not.toHaveProperty('preference-applied');
    expect(answer.body.results.map(({ status, replayed, mismatch }) => [status, replayed, mismatch])).toEqual(
      [
        [201, false, false],
        [200, true, false],
        [200, true, true],
        [201, false, false],
        [200, true, false],
        [200, true, true],
      ],
    );
    expect(answer.body.results.map(({ event }) => event.sequence)).toEqual([3, 1, 2, 4, 3, 3]);
  });

  it('accepts a body that is too large for a single event, up to its own limit', async () => {
    const sessionId = await createSession(service.client);
    const events = (count: number) =>
      upTo(count).map(() => anEvent({ payload: { text: 'x'.repeat(250_000) } }));

    expectFirst(await service.client.appendBatch(sessionId, events(15)));
    expectError(await service.client.appendBatch(sessionId, events(20)), 'PAYLOAD_TOO_LARGE');
    expect((await logOf(sessionId)).length).toBe(15);
  });

  it('leaves stored events out of mismatches that would together be larger than a page', async () => {
    const sessionId = await createSession(service.client);
    const events = upTo(20).map(() => anEvent({ payload: { text: 'x'.repeat(250_000) } }));
    await service.client.appendBatch(sessionId, events.slice(0, 10));
    await service.client.appendBatch(sessionId, events.slice(10));

    const others = events.map((event) => ({ ...event, payload: {} }));
    const { text, body } = await service.client.appendBatch(sessionId, others);

    expect(text.length).toBeLessThan(4.1 * 1024 * 1024);
    expect(body.results.every(({ status, mismatch }) => status === 200 && mismatch)).toBe(true);
    expect(body.results.filter((result) => 'event' in result)).toHaveLength(16);
  });

  it('answers 404 for an unknown session', async () => {
    expectError(await service.client.appendBatch(newId(), [anEvent()]), 'SESSION_NOT_FOUND');
  });
});

describe('a batch with a fault', () => {
  const fault = (change: object) => upTo(5).map((n) => (n === 4 ? { ...anEvent(), ...change } : anEvent()));

  it.each<[string, unknown, string]>([
    ['no event', [], 'events'],
    ['too many', upTo(101).map(() => anEvent()), 'events'],
    ['something else than an object', [anEvent(), 'x'], 'events[1]'],
    ['an unknown type', fault({ type: 'shout' }), 'events[3].type'],
    ['a payload that can’t be stored', fault({ payload: { a: 'x\0' } }), 'events[3].payload'],
  ])('is refused with its place, and nothing is stored: %s', async (_what, events, field) => {
    const sessionId = await createSession(service.client);

    const answer = await service.client.post(`/sessions/${sessionId}/events/batch`, { events });

    const body = expectError(answer, 'VALIDATION_FAILED', field);
    expect(body.details?.map((detail) => detail.field)).toEqual([field]);
    expect(body.details?.[0]?.message).toContain(field.split('.')[0]);
    expect(await logOf(sessionId)).toEqual([]);
  });

  it('is refused with the first of 130,000 unknown fields', async () => {
    const sessionId = await createSession(service.client);
    const unknown = upTo(130_000).map((n) => `"f${n}":0`);
    const text = `{"events":[{${unknown.join()}}]}`;

    const answer = await service.client.postText(`/sessions/${sessionId}/events/batch`, text);

    const { message, details } = expectError(answer, 'VALIDATION_FAILED', 'events[0].f1');
    expect(details).toHaveLength(20);
    expect(message.at(-1)).toMatch(/^1299\d\d more faults are not named$/);
  });

  it('is refused with its place for a number that parsing would change', async () => {
    const sessionId = await createSession(service.client);
    const events = [anEvent(), anEvent({ payload: { n: ['#'] } })];
    const text = JSON.stringify({ events }).replace('"#"', '12345678901234567890');

    const answer = await service.client.postText(`/sessions/${sessionId}/events/batch`, text);

    const { details } = expectError(answer, 'VALIDATION_FAILED', 'events[1].payload');
    expect(details?.[0]?.message).toMatch(
      /^events\[1\]: \/payload\/n\/0 is an integer that would come back as /,
    );
    expect(await logOf(sessionId)).toEqual([]);
  });
});

describe('a batch of which some is faulty, under Prefer: handling=lenient', () => {
  const lenient = { Prefer: 'handling=lenient' };
  const faulty = [anEvent({ type: 'shout' }), 'x', { ...anEvent(), sequence: 1 }];

  it('has the rest stored, and a result of its own for each faulty event', async () => {
    const sessionId = await createSession(service.client);
    const [first, second] = [anEvent(), anEvent()];
    const events = [faulty[0], first, faulty[1], second, faulty[2]];

    const answer = await service.client.appendBatch(sessionId, events as object[], lenient);

    expectFirst(answer);
    expect(answer.headers['preference-applied']).toBe('handling=lenient');
    expect(answer.body.results).toMatchObject([
      { status: 400, error: { code: 'VALIDATION_FAILED', details: [{ field: 'events[0].type' }] } },
      { status: 201, replayed: false, mismatch: false, event: { eventId: first.eventId, sequence: 1 } },
      { status: 400, error: { message: ['events[2] must be a JSON object'] } },
      { status: 201, event: { eventId: second.eventId, sequence: 2 } },
      { status: 400, error: { details: [{ field: 'events[4].sequence' }] } },
    ]);
    expect((await logOf(sessionId)).map(({ eventId }) => eventId)).toEqual([first.eventId, second.eventId]);

    const again = await service.client.appendBatch(sessionId, events as object[], lenient);
    expectReplay(again);
    expect(again.body.results.map(({ status }) => status)).toEqual([400, 200, 400, 200, 400]);
  });

  it('has the rest stored where parsing would change a number, the first in each faulty event', async () => {
    const sessionId = await createSession(service.client);
    const good = anEvent({ payload: { n: 1e15 } });
    const events = [anEvent({ payload: { a: '#', b: '#' } }), good, anEvent({ payload: ['#'] })];
    const text = JSON.stringify({ events }).replaceAll('"#"', '12345678901234567890');

    const answer = await service.client.postText(`/sessions/${sessionId}/events/batch`, text, lenient);

    expectFirst(answer);
    const integer = 'is an integer that would come back as 12345678901234567000; send it as a string';
    expect(answer.body).toMatchObject({
      results: [
        { status: 400, error: { message: [`events[0]: /payload/a ${integer}`] } },
        { status: 201, event: { eventId: good.eventId, sequence: 1 } },
        { status: 400, error: { details: [{ field: 'events[2].payload' }] } },
      ],
    });
    expect((await logOf(sessionId)).map(({ eventId }) => eventId)).toEqual([good.eventId]);
  });

  it('is refused if all of it is faulty', async () => {
    const sessionId = await createSession(service.client);

    const answer = await service.client.appendBatch(sessionId, faulty as object[], lenient);

    const { details } = expectError(answer, 'VALIDATION_FAILED');
    expect(details?.map(({ field }) => field)).toEqual(['events[0].type', 'events[1]', 'events[2].sequence']);
  });
});

describe('batches and single appends', () => {
  it('store every event once and without a gap when they run at the same time, each batch in order', async () => {
    const sessionId = await createSession(service.client);
    const shared = upTo(10).map((n) => anEvent({ eventId: `shared-${n}` }));
    const batches = upTo(12).map((b) => [
      ...upTo(6).map((n) => anEvent({ eventId: `batch-${b}-${n}` })),
      ...shared.slice(0, b % 10),
    ]);
    const singles = [...upTo(20).map((n) => anEvent({ eventId: `single-${n}` })), ...shared];

    const [batched, single] = await Promise.all([
      Promise.all(batches.map((events) => service.client.appendBatch(sessionId, events))),
      Promise.all(singles.map((event) => service.client.append(sessionId, event))),
    ]);

    const answered: [number, EventBody][] = [
      ...batched.flatMap(({ body }) =>
        body.results.map(({ status, event }): [number, EventBody] => [status, event]),
      ),
      ...single.map(({ status, body }): [number, EventBody] => [status, body]),
    ];
    const places = new Map(answered.map(([, event]) => [event.eventId, event.sequence]));
    const firsts = answered.filter(([status]) => status === 201).map(([, { eventId }]) => eventId);
    expect(firsts.sort()).toEqual([...places.keys()].sort());
    expect([...places.values()].sort((a, b) => a - b)).toEqual(upTo(12 * 6 + 20 + 10));
    for (const [, event] of answered) expect(event.sequence).toBe(places.get(event.eventId));
    for (const { body } of batched) {
      const own = body.results.filter(({ status }) => status === 201).map(({ event }) => event.sequence);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
  });
});
