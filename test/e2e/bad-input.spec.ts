import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pathOf } from '../support/client.js';
import { expectError, expectFirst, expectReplay } from '../support/expectations.js';
import { aSession, anEvent, createSession, createSessionWith, newId, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let sessionId: string;
let storedBefore: string;

/** A fingerprint of everything that is stored. */
async function everythingStored(): Promise<string> {
  const contents = ['sessions', 'events'].map((name) =>
    service.connection.collection(name).find({}).sort({ _id: 1 }).toArray(),
  );
  const [sessions = [], events = []] = await Promise.all(contents);
  const hash = createHash('sha256')
    .update(JSON.stringify([sessions, events]))
    .digest('hex');
  return `${sessions.length} sessions, ${events.length} events, ${hash}`;
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

const NOT_STRINGS: unknown[] = [true, 0, 1.5, {}, [], ['en'], { $gt: '' }, { $ne: null }, { toString: 'x' }];
const NOT_NUMBERS = NOT_STRINGS.filter((value) => typeof value !== 'number');
const BAD_IDS = ['', ' ', 'a b', ' a', 'a ', 'a\n', 'a\0b', 'é', '🙂', '.', '..', '\u007f', 'x'.repeat(513)];
const BAD_LANGUAGES = ['', ' en', '-en', '_en', 'en GB', '12', 'français', 'x'.repeat(36)];
const BAD_TIMESTAMPS = [
  'now',
  '2026-03-01T12:00Z',
  '2026-03-01T12:00:00',
  '2026-02-30T12:00:00Z',
  '2025-02-29T12:00:00Z',
  '2026-04-31T12:00:00Z',
  '2026-00-10T12:00:00Z',
  '2026-13-01T12:00:00Z',
  '2026-03-01T24:00:00Z',
  '2026-03-01T12:60:00Z',
  '2016-12-31T23:59:60Z',
  '2026-03-01T12:00:00+24:00',
  '2026-03-01T12:00:00+02',
  '2026-03-01T12:00:00.Z',
  '2026-03-01T12:00:00.1234567890Z',
  '0000-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59-00:01',
  '+02026-03-01T12:00:00Z',
  '-0001-03-01T12:00:00Z',
  '17723664000000000',
];

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

  it.each([...NOT_NUMBERS, -1, 1e14, '', '2026-03-01', '1772366400', ...BAD_TIMESTAMPS])(
    '%j as a timestamp',
    async (value) => {
      await expectRefused(eventsPath(), 'timestamp', anEvent({ timestamp: value }));
      if (BAD_TIMESTAMPS.includes(value as string)) {
        for (const field of ['from', 'to']) {
          expectError(
            await service.client.read(sessionId, { [field]: String(value) }),
            'VALIDATION_FAILED',
            field,
          );
        }
      }
    },
  );

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

  it('another type, and those that there are are named', async () => {
    const { details } = expectError(
      await service.client.append(sessionId, anEvent({ type: 'message' })),
      'VALIDATION_FAILED',
      'type',
    );

    expect(details?.[0]?.message).toBe(
      'type must be one of: user_speech, bot_speech, agent_speech, tool_call, tool_result, dtmf, system',
    );
  });

  it.each([
    ['2026-03-01T12:00:00', 'no offset'],
    [1772366400123456, 'too large'],
  ])('the time %s, and it is said what to send', async (timestamp, what) => {
    const { message } = expectError(
      await service.client.append(sessionId, anEvent({ timestamp })),
      'VALIDATION_FAILED',
      'timestamp',
    );

    expect(String(message)).toContain(what);
  });

  it('a batch with very many unknown fields', async () => {
    const unknown = Object.fromEntries(upTo(130_000).map((n) => [`f${n}`, 1]));
    for (const body of [{ events: [{ ...anEvent(), ...unknown }] }, { events: [anEvent()], ...unknown }]) {
      const { message } = expectError(
        await service.client.postText(`${eventsPath()}/batch`, JSON.stringify(body)),
        'VALIDATION_FAILED',
      );

      expect(message.at(-1)).toBe('129980 more faults are not named');
    }
  });

  it.each([true, 0, 'text', [], [{}]])('%j as a payload or a metadata', async (value) => {
    await expectRefused(eventsPath(), 'payload', anEvent({ payload: value }));
    await expectRefused('/sessions', 'metadata', aSession({ metadata: value }));
  });

  it.each(['sessionId', 'language'])('a session without %s', async (field) => {
    await expectRefused('/sessions', field, aSession({ [field]: undefined }));
  });

  it.each(['eventId', 'type', 'payload'])('an event without %s', async (field) => {
    await expectRefused(eventsPath(), field, anEvent({ [field]: undefined }));
  });

  it.each([
    'constructor',
    'toString',
    '__proto__',
    '_id',
    '$set',
    'endedAt',
    'sequence',
    'late',
    'serverTimestamp',
    'SessionId',
    'payload.text',
    'a\u0000b',
    '\ud800',
  ])('a body with the unknown field %j', async (field) => {
    const extra = `${JSON.stringify(field)}: {}`;
    const name = field.toWellFormed();
    for (const [path, body] of [
      ['/sessions', aSession()],
      [eventsPath(), anEvent()],
      [completePath(), { status: 'failed' }],
    ] as const) {
      await expectRefused(path, name, JSON.stringify(body).replace('{', `{${extra},`));
    }
  });

  /** JSON texts that can't come back unchanged, with the place to be reported: the position of `#` in `/#…`. */
  const UNSTORABLE: [string, string, string][] = [
    ['a NUL in a string', '{"a":"\\u0000"}', '/#/a'],
    ['a NUL in a key', '{"a":{"b\\u0000":1}}', '/#/a/b\0'],
    ['a high surrogate alone', '{"a":"\\ud800"}', '/#/a'],
    ['a low surrogate alone', '{"a":["x","\\udc00x"]}', '/#/a/1'],
    ['surrogates in the wrong order', '{"a":"\\udc00\\ud800"}', '/#/a'],
    ['a surrogate in a key', '{"\\ud83d":1}', '/#/\ufffd'],
    ['__proto__', '{"__proto__":{"admin":true}}', '/#/__proto__'],
    ['__proto__ further down', '{"a":[{"__proto__":1}]}', '/#/a/0/__proto__'],
    ['_bsontype', '{"_bsontype":"ObjectId"}', '/#/_bsontype'],
    ['_bsontype further down', '{"a":{"_bsontype":"Long","low":1,"high":2}}', '/#/a/_bsontype'],
    ['$ref with $id', '{"a":{"$ref":"sessions","$id":1}}', '/#/a'],
    ['$ref with $id at the top', '{"$id":"x","$ref":"y","$db":"z"}', '/#'],
    ['a number over the range', '{"a":1e999}', '/#/a'],
    ['a number under the range', '{"a":[-1e999]}', '/#/a/0'],
    ['an integer that no double is', '{"a":9007199254740993}', '/#/a'],
    ['an integer of many digits', '{"a":"x","b":[1.0,{"c":12345678901234567890}]}', '/#/b/1/c'],
    ['an integer of very many digits', `{"a":1${'0'.repeat(400)}}`, '/#/a'],
    ['21 levels', `${'{"a":'.repeat(21)}1${'}'.repeat(21)}`, `/#${'/a'.repeat(20)}`],
    ['20 levels and an array', `{"a":${'['.repeat(20)}${']'.repeat(20)}}`, `/#/a${'/0'.repeat(19)}`],
    ['5,000 levels', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`, `/#/a${'/0'.repeat(19)}`],
    ['200,000 levels', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, `/#/a${'/0'.repeat(19)}`],
    ['70,000 levels of objects', `${'{"a":'.repeat(70_000)}1${'}'.repeat(70_000)}`, `/#${'/a'.repeat(20)}`],
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
    ['POST', '/sessions', aSession()],
    ['POST', '/sessions/:sessionId/events', anEvent()],
    ['POST', '/sessions/:sessionId/events/batch', { events: [anEvent()] }],
    ['POST', '/sessions/:sessionId/complete', {}],
    ['PATCH', '/sessions/:sessionId', { metadata: { patched: true } }],
    ['DELETE', '/sessions/:sessionId', undefined],
    ['GET', '/sessions/:sessionId/export', undefined],
    ['GET', '/sessions/:sessionId/events/e1', undefined],
  ])('a query parameter where there are none: %s %s', async (method, path, body) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await service.client.send({
      method,
      path: `${path.replace(':sessionId', sessionId)}?dryRun=true`,
      ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': type } }),
    });

    expectError(answer, 'VALIDATION_FAILED', 'dryRun');
  });

  it.each(['/sessions', 'events', 'complete'])('200,000 brackets as the body of %s', async (where) => {
    const path = where === '/sessions' ? where : `${pathOf(sessionId)}/${where}`;
    for (const body of ['['.repeat(200_000) + ']'.repeat(200_000), '['.repeat(200_000)]) {
      const { status } = await service.client.postText(path, body);
      expect(status).toBe(400);
    }
  });

  it('a payload or a metadata over its limit', async () => {
    const text = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) });

    await expectRefused(eventsPath(), 'payload', anEvent({ payload: text(256 * 1024 + 1) }));
    await expectRefused('/sessions', 'metadata', aSession({ metadata: text(16 * 1024 + 1) }));
    await expectRefused('/sessions', 'metadata', aSession({ metadata: { a: '🙂'.repeat(4096) } }));
  });

  it.each([
    '/sessions/%',
    '/sessions/%zz',
    '/sessions/%E0%A4%A',
    '/sessions/%C0%AF/events',
    '/sessions/%FF/complete',
  ])('the broken percent-encoding of %s', async (path) => {
    const method = path.includes('/events') || path.includes('/complete') ? 'POST' : 'GET';

    expectError(await service.client.send({ method, path }), 'BAD_REQUEST');
  });

  it.each(['%00', 'a%00', '%20', 'a%0Ab', '%C3%A9', '%F0%9F%99%82', '.', '..', '%2e%2E', 'x'.repeat(513)])(
    'the id %s in a path',
    async (id) => {
      const answers = await Promise.all([
        service.client.send({ path: `/sessions/${id}` }),
        service.client.post(`/sessions/${id}/events`, anEvent()),
        service.client.post(`/sessions/${id}/complete`, {}),
      ]);

      for (const answer of answers) expectError(answer, 'VALIDATION_FAILED', 'sessionId');
    },
  );

  it.each([
    ['limit=5&limit=6', 'limit'],
    ['sort=sequence&sort=sequence', 'sort'],
    ['type[]=system', 'type[]'],
    ['limit[$gt]=1', 'limit[$gt]'],
    ['__proto__=1', '__proto__'],
    ['__proto__[limit]=1', '__proto__[limit]'],
    ['constructor=1', 'constructor'],
    ['%00=1', '\0'],
    ['=1', ''],
    ['limit=%zz', 'limit'],
    ['from=2026-03-01T12:00:00+02:00', 'from'],
    ['cursor=a&cursor=b', 'cursor'],
  ])('the query ?%s', async (query, field) => {
    const answer = await service.client.send({ path: `${pathOf(sessionId)}?${query}` });

    const { details } = expectQueryError(answer);
    expect(details?.map((detail) => detail.field)).toContain(field);
  });

  /** Like `expectError`, but a parameter may have no name at all. */
  function expectQueryError(answer: Parameters<typeof expectError>[0]) {
    expect(answer.status).toBe(400);
    return answer.body as ReturnType<typeof expectError>;
  }

  it('a query of thousands of parameters', async () => {
    const query = Array.from({ length: 2000 }, (_, n) => `p${n}=1`).join('&');

    expectError(await service.client.send({ path: `${pathOf(sessionId)}?${query}` }), 'VALIDATION_FAILED');
  });

  it('an event for a session that is not there', async () => {
    expectError(await service.client.append(newId(), anEvent()), 'SESSION_NOT_FOUND');
    expectError(await service.client.complete(newId()), 'SESSION_NOT_FOUND');
  });
});

describe('what only looks bad', () => {
  const VISIBLE_ASCII = Array.from({ length: 94 }, (_, n) => String.fromCharCode(33 + n)).join('');

  it.each([
    VISIBLE_ASCII,
    '/',
    'a/../b',
    '...',
    '%2F',
    '%',
    '$where',
    '__proto__',
    'constructor',
    '"',
    "';--",
    '\\',
  ])('the id %s is returned unchanged', async (id) => {
    expectFirst(await service.client.create(aSession({ sessionId: id })));
    const event = await service.client.append(id, anEvent({ eventId: id }));
    const read = await service.client.read(id);
    const ended = await service.client.complete(id);

    expectFirst(event);
    expect(event.body).toMatchObject({ sessionId: id, eventId: id });
    expect(read.body).toMatchObject({ sessionId: id, events: [{ eventId: id }] });
    expect(ended.body.sessionId).toBe(id);
  });

  it('an id of 512 characters, and of 1', async () => {
    expectFirst(await service.client.create(aSession({ sessionId: '~'.repeat(512) })));
    expectFirst(await service.client.create(aSession({ sessionId: '~' })));
  });

  it.each([
    'en',
    'EN',
    'pt-BR',
    'zh-Hant-TW',
    'de-CH-1901',
    'sl-rozaj-biske',
    'en-u-ca-gregory',
    'x-private',
    'en_US',
    'multi',
    'auto',
    'und',
    'e',
    'x'.repeat(35),
  ])('the language %s', async (language) => {
    const { status, body } = await service.client.create(aSession({ language }));

    expect([status, body.language]).toEqual([201, language]);
  });

  it.each([
    ['2024-02-29T12:00:00Z', '2024-02-29T12:00:00.000Z'],
    ['2026-03-01t12:00:00z', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01 12:00:00Z', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01T12:00:00+0200', '2026-03-01T10:00:00.000Z'],
    [1772366400.25, '2026-03-01T12:00:00.250Z'],
    [1772366400250, '2026-03-01T12:00:00.250Z'],
    [0, '1970-01-01T00:00:00.000Z'],
    ['2026-03-01T00:30:00+05:30', '2026-02-28T19:00:00.000Z'],
    ['2026-03-01T12:00:00.9999Z', '2026-03-01T12:00:00.999Z'],
    ['2026-03-01T12:00:00-00:00', '2026-03-01T12:00:00.000Z'],
    ['0000-01-01T00:00:00-01:00', '0000-01-01T01:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
  ])('the timestamp %s', async (timestamp, stored) => {
    const { status, body } = await service.client.append(sessionId, anEvent({ timestamp }));

    expect([status, body.timestamp]).toEqual([201, stored]);
  });

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

  it.each(['2026-03-01', '1772323200', '1772323200000', '2026-03-01 00:00:00Z', '2026-03-01T01:00:00+0100'])(
    'the time %s in a query',
    async (time) => {
      const id = await createSession(service.client);
      for (const timestamp of ['2026-02-28T23:59:59.999Z', '2026-03-01T00:00:00Z']) {
        expectFirst(await service.client.append(id, anEvent({ timestamp })));
      }

      const [{ body: from }, { body: to }] = await Promise.all([
        service.client.read(id, { from: time }),
        service.client.read(id, { to: time }),
      ]);
      expect([from, to].map(({ events }) => events.map(({ sequence }) => sequence))).toEqual([[2], [1]]);
    },
  );

  it.each([
    ['20 levels', `${'{"a":'.repeat(20)}1${'}'.repeat(20)}`],
    ['operators as keys', '{"$gt":"","$where":"1","a":{"$set":{"b":1}}}'],
    ['dotted, empty and numeric keys', '{"a.b":1,"":{"":2},"0":3,".":4,"$":5}'],
    ['$ref without $id', '{"a":{"$ref":"x"},"b":{"$id":1},"c":{"$ref":1,"$id":2}}'],
    ['_bsontype null', '{"_bsontype":null}'],
    ['names that JavaScript knows', '{"constructor":1,"prototype":{},"hasOwnProperty":null,"then":"x"}'],
    ['names that Mongoose knows', '{"_id":1,"id":2,"__v":3,"save":4,"isNew":5,"schema":{}}'],
  ])('%s in a payload and a metadata', async (_what, json) => {
    const event = JSON.stringify(anEvent({ payload: '#' })).replace('"#"', () => json);
    const session = JSON.stringify(aSession({ metadata: '#' })).replace('"#"', () => json);

    const appended = await service.client.postText(eventsPath(), event);
    const created = await service.client.postText('/sessions', session);

    expect([appended.status, created.status]).toEqual([201, 201]);
    expect(JSON.stringify((appended.body as { payload: unknown }).payload)).toBe(
      JSON.stringify(JSON.parse(json)),
    );
  });
});
