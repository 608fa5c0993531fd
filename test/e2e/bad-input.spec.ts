import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pathOf } from '../support/client.js';
import { expectError, expectFirst, expectReplay } from '../support/expectations.js';
import { aSession, anEvent, createSession, createSessionWith } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let sessionId: string;
let storedBefore: string;

/** Everything that is stored. */
async function everythingStored(): Promise<string> {
  const [sessions, events] = await Promise.all(
    ['sessions', 'events'].map((name) =>
      service.connection.collection(name).find({}).sort({ _id: 1 }).toArray(),
    ),
  );
  return JSON.stringify([sessions, events]);
}

async function expectNothingStored(): Promise<void> {
  expect(await everythingStored()).toBe(storedBefore);
}

beforeAll(async () => {
  service = await startService();
  sessionId = await createSessionWith(service.client, 2);
  storedBefore = await everythingStored();
});
afterAll(() => service.close());

/** Posts each body (an object, or JSON text) and expects it to be refused because of the field. */
async function expectRefused(path: string, field: string, body: object | string): Promise<void> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  expectError(await service.client.postText(path, text), 'VALIDATION_FAILED', field);
}

const eventsPath = () => `${pathOf(sessionId)}/events`;
const completePath = () => `${pathOf(sessionId)}/complete`;

const NOT_STRINGS: unknown[] = [true, 0, {}, ['en'], { $gt: '' }];
const NOT_NUMBERS = NOT_STRINGS.filter((value) => typeof value !== 'number');
const BAD_IDS = ['', ' a', 'a b', 'a\0b', 'é', '.', '..', '\u007f', 'x'.repeat(513)];
const BAD_LANGUAGES = ['', ' en', '-en', 'en GB', '12', 'français', 'x'.repeat(36)];
/** Whose every fault `times.spec.ts` names. */
const BAD_TIMES = ['', 'now', '2026-03-01T12:00:00', '2026-02-30T12:00:00Z', '17723664000000000'];

describe('what is refused', () => {
  // Nothing of what a test sent may have reached the store.
  afterEach(expectNothingStored);

  it.each([null, ...NOT_STRINGS, ...BAD_IDS])('%j as a sessionId', async (value) => {
    await expectRefused('/sessions', 'sessionId', aSession({ sessionId: value }));
  });

  it.each([null, ...NOT_STRINGS, ...BAD_IDS])('%j as an eventId', async (value) => {
    await expectRefused(eventsPath(), 'eventId', anEvent({ eventId: value }));
  });

  it.each([null, ...NOT_STRINGS, ...BAD_LANGUAGES])('%j as a language', async (value) => {
    await expectRefused('/sessions', 'language', aSession({ language: value }));
  });

  it.each([...NOT_NUMBERS, -1, 1e14, '2026-03-01', ...BAD_TIMES])('%j as a time', async (value) => {
    await expectRefused(eventsPath(), 'timestamp', anEvent({ timestamp: value }));
    await expectRefused('/sessions', 'startedAt', aSession({ startedAt: value }));
    await expectRefused(completePath(), 'endedAt', { endedAt: value });
  });

  it.each(BAD_TIMES)('%j as a time in a query', async (value) => {
    for (const field of ['from', 'to']) {
      expectError(await service.client.read(sessionId, { [field]: value }), 'VALIDATION_FAILED', field);
    }
  });

  it.each([...NOT_STRINGS, '', 'speech', 'USER_SPEECH', ' system', '__proto__', 'constructor'])(
    '%j as a type or a status',
    async (value) => {
      await expectRefused(eventsPath(), 'type', anEvent({ type: value }));
      await expectRefused('/sessions', 'status', aSession({ status: value }));
      await expectRefused(completePath(), 'status', { status: value });
    },
  );

  it('null where something is required', async () => {
    for (const field of ['type', 'payload']) {
      await expectRefused(eventsPath(), field, anEvent({ [field]: null }));
    }
    await expectRefused(`${eventsPath()}/batch`, 'events', { events: null });
  });

  it.each([true, 0, 'text', [], [{}]])('%j as a payload or a metadata', async (value) => {
    await expectRefused(eventsPath(), 'payload', anEvent({ payload: value }));
    await expectRefused('/sessions', 'metadata', aSession({ metadata: value }));
  });

  it.each(['constructor', '__proto__', '$set', 'sequence', 'SessionId', 'a\u0000b', '\ud800'])(
    'a body with the unknown field %j',
    async (field) => {
      const extra = `${JSON.stringify(field)}: {}`;
      const name = field.toWellFormed();
      for (const [path, body] of [
        ['/sessions', aSession()],
        [eventsPath(), anEvent()],
        [completePath(), { status: 'failed' }],
      ] as const) {
        await expectRefused(path, name, JSON.stringify(body).replace('{', `{${extra},`));
      }
    },
  );

  /** JSON texts that can't come back unchanged, with the place to be reported: the position of `#` in `/#…`. */
  const UNSTORABLE: [string, string, string][] = [
    ['a NUL in a string', '{"a":"\\u0000"}', '/#/a'],
    ['surrogates in the wrong order', '{"a":"\\udc00\\ud800"}', '/#/a'],
    ['__proto__ further down', '{"a":[{"__proto__":1}]}', '/#/a/0/__proto__'],
    ['_bsontype', '{"_bsontype":"ObjectId"}', '/#/_bsontype'],
    ['$ref with $id', '{"a":{"$ref":"sessions","$id":1}}', '/#/a'],
    ['a number over the range', '{"a":1e999}', '/#/a'],
    ['an integer of many digits', '{"a":"x","b":[1.0,{"c":12345678901234567890}]}', '/#/b/1/c'],
    ['21 levels', `${'{"a":'.repeat(21)}1${'}'.repeat(21)}`, `/#${'/a'.repeat(20)}`],
    ['200,000 levels', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, `/#/a${'/0'.repeat(19)}`],
  ];

  it.each(UNSTORABLE)(
    '%s in a payload or a metadata, and its place is named',
    async (_what, json, pointer) => {
      for (const [path, field, body] of [
        [eventsPath(), 'payload', anEvent({ payload: '#' })],
        ['/sessions', 'metadata', aSession({ metadata: '#' })],
      ] as const) {
        const text = JSON.stringify(body).replace('"#"', () => json);

        const answer = await service.client.postText(path, text);

        const { details } = expectError(answer, 'VALIDATION_FAILED', field);
        const place = pointer.replace('#', field);
        expect(details?.[0]?.message.startsWith(`${place} `)).toBe(true);
      }
    },
  );

  it.each([
    ['POST', '/events', anEvent()],
    ['DELETE', '', undefined],
    ['GET', '/export', undefined],
  ])('a query parameter where there are none: %s /sessions/:sessionId%s', async (method, below, body) => {
    const answer = await service.client.send({
      method,
      path: `${pathOf(sessionId)}${below}?dryRun=true`,
      ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });

    expectError(answer, 'VALIDATION_FAILED', 'dryRun');
  });

  it('a payload or a metadata over its limit', async () => {
    const text = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) });

    await expectRefused(eventsPath(), 'payload', anEvent({ payload: text(256 * 1024 + 1) }));
    await expectRefused('/sessions', 'metadata', aSession({ metadata: text(16 * 1024 + 1) }));
    await expectRefused('/sessions', 'metadata', aSession({ metadata: { a: '🙂'.repeat(4096) } }));
  });

  it.each(['/sessions/%', '/sessions/%zz'])('the broken percent-encoding of %s', async (path) => {
    expectError(await service.client.send({ path }), 'BAD_REQUEST');
  });

  it.each(['%00', '%20', '%C3%A9', '.', '%2e%2E', 'x'.repeat(513)])('the id %s in a path', async (id) => {
    const answers = await Promise.all([
      service.client.send({ path: `/sessions/${id}` }),
      service.client.post(`/sessions/${id}/events`, anEvent()),
      service.client.post(`/sessions/${id}/complete`, {}),
    ]);

    for (const answer of answers) expectError(answer, 'VALIDATION_FAILED', 'sessionId');
  });

  it.each([
    ['limit=5&limit=6', 'limit'],
    ['type[]=system', 'type[]'],
    ['limit[$gt]=1', 'limit[$gt]'],
    ['__proto__=1', '__proto__'],
    ['%00=1', '\0'],
    ['limit=%zz', 'limit'],
    ['from=2026-03-01T12:00:00+02:00', 'from'],
  ])('the query ?%s', async (query, field) => {
    const answer = await service.client.send({ path: `${pathOf(sessionId)}?${query}` });

    expectError(answer, 'VALIDATION_FAILED', field);
  });
});

describe('what only looks bad', () => {
  const VISIBLE_ASCII = Array.from({ length: 94 }, (_, n) => String.fromCharCode(33 + n)).join('');

  it.each([VISIBLE_ASCII, '~'.repeat(512), '~', 'a/../b', '%2F', '__proto__'])(
    'the id %s is returned unchanged',
    async (id) => {
      expectFirst(await service.client.create(aSession({ sessionId: id })));
      const event = await service.client.append(id, anEvent({ eventId: id }));
      const read = await service.client.read(id);
      const ended = await service.client.complete(id);

      expectFirst(event);
      expect(event.body).toMatchObject({ sessionId: id, eventId: id });
      expect(read.body).toMatchObject({ sessionId: id, events: [{ eventId: id }] });
      expect(ended.body.sessionId).toBe(id);
    },
  );

  it.each(['en', 'EN', 'zh-Hant-TW', 'en_US', 'multi', 'und', 'e', 'x'.repeat(35)])(
    'the language %s',
    async (language) => {
      const { status, body } = await service.client.create(aSession({ language }));

      expect([status, body.language]).toEqual([201, language]);
    },
  );

  it('null for what is optional: it is as if it was left out', async () => {
    const created = await service.client.create(aSession({ status: null, startedAt: null, metadata: null }));
    expect([created.status, created.body.status, created.body.metadata]).toEqual([201, 'initiated', {}]);
    const { sessionId: id } = created.body;

    const event = anEvent({ timestamp: null, replaces: null, payload: { text: null } });
    const appended = await service.client.append(id, event);
    expect([appended.status, appended.body.payload]).toEqual([201, { text: null }]);
    expectReplay(await service.client.append(id, { ...event, timestamp: undefined, replaces: undefined }));

    expect((await service.client.patch(id, { metadata: null, language: null })).status).toBe(200);
    const ended = await service.client.post(`${pathOf(id)}/complete`, { status: null, endedAt: null });
    expect(ended.body).toMatchObject({ status: 'completed', language: 'en-GB', metadata: {} });
  });

  it.each(['user_speech', 'bot_speech', 'agent_speech', 'tool_call', 'tool_result', 'dtmf', 'system'])(
    'the type %s, also as a filter',
    async (type) => {
      const id = await createSession(service.client);
      expectFirst(await service.client.append(id, anEvent({ type })));

      const { body } = await service.client.read(id, { type });
      expect(body.events.map((event) => event.type)).toEqual([type]);
    },
  );

  it('a time in each of its forms, in a body and in a query', async () => {
    const id = await createSession(service.client);
    const stored = [];
    for (const timestamp of [1772323199.999, '2026-03-01 01:00:00+0100', 1772323200000]) {
      stored.push((await service.client.append(id, anEvent({ timestamp }))).body.timestamp);
    }
    expect(stored).toEqual([
      '2026-02-28T23:59:59.999Z',
      '2026-03-01T00:00:00.000Z',
      '2026-03-01T00:00:00.000Z',
    ]);

    for (const time of ['2026-03-01', '1772323200000', '2026-03-01T01:00:00+0100']) {
      const [{ body: from }, { body: to }] = await Promise.all([
        service.client.read(id, { from: time }),
        service.client.read(id, { to: time }),
      ]);
      expect([from, to].map(({ events }) => events.map(({ sequence }) => sequence))).toEqual([[2, 3], [1]]);
    }
  });
});
