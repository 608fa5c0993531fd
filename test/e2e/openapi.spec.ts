import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describeApi } from '../../src/openapi/describe-api.js';
import { errorExample } from '../../src/openapi/error-examples.js';
import { errorCatalogue, type ErrorCode } from '../../src/http/error-catalogue.js';
import { type Answer } from '../support/http.js';
import { OpenApiContract, type OpenApi } from '../support/openapi-contract.js';
import { type ErrorBody } from '../support/representations.js';
import { anEvent, aSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

const BROWSER = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const MERGE_PATCH = { 'Content-Type': 'application/merge-patch+json' };

let service: TestService;
let description: OpenApi;
let contract: OpenApiContract;
beforeAll(async () => {
  service = await startService();
  description = (await service.client.send({ path: '/docs/openapi.json' })).body as OpenApi;
  contract = new OpenApiContract(description);
});
afterAll(() => service.close());

/** Sends a request and holds its answer against the description. */
async function check(method: string, path: string, body?: unknown, headers = {}): Promise<Answer> {
  const answer = await service.client.send({
    method,
    path,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  contract.expectValid(method, path, answer);
  return answer;
}

describe('the OpenAPI description', () => {
  it('is valid OpenAPI 3.0', async () => {
    expect(description.openapi).toMatch(/^3\.0\./);
    expect(await new Validator().validate(structuredClone({ ...description }))).toEqual({ valid: true });
  });

  it('is what docs/openapi.json holds', async () => {
    const file = await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8');

    expect(JSON.parse(file)).toEqual(JSON.parse(JSON.stringify(describeApi(service.app))));
  });

  it('has examples that are what their schemas say', () => {
    const ajv = addFormats.default(new Ajv({ strict: false }));
    ajv.addSchema({ $id: 'openapi', components: { schemas: description.components.schemas } });
    for (const [name, schema] of Object.entries(description.components.schemas)) {
      const properties = (schema['properties'] ?? {}) as Record<
        string,
        { example?: unknown; enum?: unknown[] }
      >;
      for (const [property, { example, ...rest }] of Object.entries(properties)) {
        if (example === undefined) continue;
        const validate = ajv.compile(
          JSON.parse(JSON.stringify(rest).replaceAll('"#/', '"openapi#/')) as object,
        );
        validate(example);
        expect([name, property, validate.errors]).toEqual([name, property, null]);
      }
    }
    const isError = ajv.compile({ $ref: 'openapi#/components/schemas/Error' });
    const examples = [
      ...JSON.stringify(description).matchAll(/"value":(\{"statusCode".*?"requestId":"[^"]*"\})/g),
    ];
    expect(examples.length).toBeGreaterThan(20);
    for (const [, example = ''] of examples) {
      isError(JSON.parse(example));
      expect([example, isError.errors]).toEqual([example, null]);
    }
  });

  it('shows errors as the service answers them', async () => {
    const sessionId = 'call-2026-03-01-0001';
    const events = `/sessions/${sessionId}/events`;
    const event = anEvent({ eventId: 'evt-0001' });
    const strict = { Prefer: 'handling=strict' };
    const answers = [
      await check('POST', events, event), // before there is the session
      await check('POST', '/sessions', aSession({ sessionId })),
      await check('POST', '/sessions', aSession({ sessionId, language: 'fr' }), strict),
      await check('POST', events, event),
      await check('POST', events, { ...event, type: 'system' }, strict),
      await check('POST', events, { ...event, eventId: 'two words', payload: { text: '\0' } }),
      await check('POST', events, '{ "eventId": '),
      await check('POST', events, ' '.repeat(600_000)),
      await check('POST', events, '<a/>', { 'Content-Type': 'text/xml' }),
      await check('GET', `/sessions/${sessionId}?cursor=abc`),
      await check('GET', '/sessions/%ZZ'),
      await check('DELETE', `/sessions/${sessionId}`),
      await check('POST', events, event),
    ];
    const errors = answers.filter(({ status }) => status >= 400).map(({ body }) => body as ErrorBody);

    expect(errors).toHaveLength(answers.length - 3);
    for (const answered of errors) {
      const madeUp = { timestamp: expect.any(String), requestId: expect.any(String) };
      expect(errorExample(answered.code as ErrorCode).value).toEqual({ ...answered, ...madeUp });
    }
  });

  it('names every error code', () => {
    const { properties } = description.components.schemas['Error'] as {
      properties: { code: { enum: string[] } };
    };

    expect(properties.code.enum).toEqual(Object.keys(errorCatalogue).sort());
  });
});

describe('answers are as described', () => {
  const STRICT = { Prefer: 'handling=strict' };

  it('of sessions', async () => {
    const session = aSession({ metadata: { a: { b: [1, null, 'c'] } } });
    await check('POST', '/sessions', session);
    await check('POST', '/sessions', session);
    await check('POST', '/sessions', { ...session, language: 'de' });
    await check('POST', '/sessions', { ...session, language: 'de' }, STRICT);
    await check('POST', '/sessions', aSession(), STRICT);
    await check('POST', '/sessions', { language: 'x' });
    await check('POST', '/sessions', '{');
    await check('POST', '/sessions', ' '.repeat(600_000));
    await check('GET', '/sessions');
    await check('GET', '/sessions?status=initiated,active&limit=1');
    await check('GET', '/sessions?status=paused');
    await check('GET', '/sessions?cursor=x');
    await check('GET', '/sessions', undefined, BROWSER);
    await check('POST', '/sessions', 'a=b', { 'Content-Type': 'text/plain' });
  });

  it('of events, reads and ends', async () => {
    const { sessionId } = aSession();
    const path = `/sessions/${sessionId}`;
    await check('POST', '/sessions', aSession({ sessionId }));
    const [first, second, late] = [anEvent(), anEvent(), anEvent()];
    await check('POST', `${path}/events`, first);
    await check('POST', `${path}/events`, second, STRICT);
    await check('POST', `${path}/events`, first);
    await check('POST', `${path}/events`, { ...first, type: 'system' });
    await check('POST', `${path}/events`, { ...first, type: 'system' }, STRICT);
    await check('POST', `${path}/events`, { eventId: ' ' });
    await check('POST', `${path}/events`, '[');
    await check('POST', `${path}/events`, 'x'.repeat(600_000));
    await check('POST', `${path}/events`, '<a/>', { 'Content-Type': 'text/xml' });
    await check('POST', '/sessions/none/events', first);
    await check('GET', path);
    await check('POST', `${path}/complete`);
    await check('POST', `${path}/complete`, { status: 'failed' });
    await check('POST', `${path}/complete`, { status: 'paused' });
    await check('POST', `${path}/complete`, ' '.repeat(600_000));
    await check('POST', `${path}/complete`, 'x', { 'Content-Type': 'text/plain' });
    await check('POST', '/sessions/none/complete');
    await check('POST', `${path}/events`, late);
    const patch = { metadata: { ticket: 'T-17' } };
    await check('PATCH', path, patch, MERGE_PATCH);
    await check('PATCH', path, { language: 'de' }, MERGE_PATCH);
    await check('PATCH', path, patch);
    await check('PATCH', path, 'x'.repeat(600_000), MERGE_PATCH);
    await check('PATCH', '/sessions/none', patch, MERGE_PATCH);
    const { body } = await check('GET', `${path}?limit=2&sort=sequence&order=desc`);
    const { nextCursor } = (body as { pagination: { nextCursor: string } }).pagination;
    await check('GET', `${path}?cursor=${nextCursor}`);
    await check('GET', `${path}?cursor=x`);
    await check('GET', `${path}?limit=0`);
    await check('GET', '/sessions/%zz');
    await check('GET', '/sessions/none');
    await check('GET', path, undefined, BROWSER);
    await check('GET', '/sessions/none', undefined, BROWSER);
  });

  it('of batches, lists and streams', async () => {
    const { sessionId } = aSession();
    const path = `/sessions/${sessionId}`;
    await check('POST', '/sessions', aSession({ sessionId }));
    const events = [anEvent({ eventId: 'e1' }), anEvent()];
    await check('POST', `${path}/events/batch`, { events });
    await check('POST', `${path}/events/batch`, { events });
    await check('POST', `${path}/events/batch`, { events: [] });
    await check('POST', `${path}/events/batch`, ' '.repeat(5_000_000));
    await check('POST', `${path}/events/batch`, 'x', { 'Content-Type': 'text/plain' });
    await check('POST', '/sessions/none/events/batch', { events });
    await check('GET', `${path}/events?limit=1`);
    await check('GET', `${path}/events?limit=0`);
    await check('GET', '/sessions/none/events');
    await check('GET', `${path}/events/e1`);
    await check('GET', `${path}/events/%20`);
    await check('GET', `${path}/events/none`);
    await check('GET', `${path}/events/stream?afterSequence=x`);
    await check('GET', '/sessions/none/events/stream');
    await check('POST', `${path}/complete`);
    await check('GET', `${path}/events/stream`);
    await check('GET', `${path}/events/stream`, undefined, { 'Last-Event-ID': '2' });
    await check('GET', `${path}/export`);
    await check('GET', '/sessions/none/export');
    await check('GET', '/sessions/a%20b/export');
  });

  it('of a session that is deleted', async () => {
    const session = aSession();
    const path = `/sessions/${session.sessionId}`;
    await check('POST', '/sessions', session);
    await check('DELETE', path);
    await check('DELETE', '/sessions/none');
    await check('DELETE', '/sessions/a%20b');
    await check('POST', '/sessions', session);
    await check('GET', path);
    await check('POST', `${path}/events`, anEvent());
    await check('POST', `${path}/events/batch`, { events: [anEvent()] });
    for (const below of ['', '/e1', '/stream']) await check('GET', `${path}/events${below}`);
    await check('GET', `${path}/export`);
    await check('POST', `${path}/complete`);
    await check('PATCH', path, {}, MERGE_PATCH);
  });

  it('of everything beside', async () => {
    for (const path of ['/', '/health/live', '/health/ready', '/metrics']) await check('GET', path);
    await check('GET', '/', undefined, BROWSER);
    await check('GET', '/nowhere');
    await check('DELETE', '/sessions');
  });

  it('of who may not talk to it', async () => {
    const elsewhere = { Host: 'other.example' };
    const events = '/sessions/none/events';
    for (const path of [
      '/',
      '/health/live',
      '/health/ready',
      '/metrics',
      '/sessions',
      '/sessions/none',
      events,
    ]) {
      await check('GET', path, undefined, elsewhere);
    }
    await check('GET', `${events}/e1`, undefined, elsewhere);
    await check('GET', `${events}/stream`, undefined, elsewhere);
    await check('GET', '/sessions/none/export', undefined, elsewhere);
    const foreign = { Origin: 'https://other.example' };
    for (const path of ['/sessions', events, `${events}/batch`, '/sessions/none/complete']) {
      await check('POST', path, {}, foreign);
    }
    await check('PATCH', '/sessions/none', {}, { ...MERGE_PATCH, ...foreign });
    await check('DELETE', '/sessions/none', undefined, foreign);
  });

  it('of a store that is away', async () => {
    const { sessionId } = aSession();
    await service.connection.close();
    await check('GET', '/health/ready');
    await check('POST', '/sessions', aSession());
    await check('GET', '/sessions');
    await check('GET', `/sessions/${sessionId}`);
    await check('POST', `/sessions/${sessionId}/events`, anEvent());
    await check('POST', `/sessions/${sessionId}/complete`);
    await check('PATCH', `/sessions/${sessionId}`, {}, MERGE_PATCH);
    await check('POST', `/sessions/${sessionId}/events/batch`, { events: [anEvent()] });
    await check('GET', `/sessions/${sessionId}/events`);
    await check('GET', `/sessions/${sessionId}/events/e1`);
    await check('GET', `/sessions/${sessionId}/events/stream`);
    await check('GET', `/sessions/${sessionId}/export`);
    await check('DELETE', `/sessions/${sessionId}`);
  });

  it('and every status that is described has been seen, but 500', () => {
    const described = Object.values(description.paths)
      .flatMap((path) => Object.values(path))
      .flatMap((operation) =>
        Object.keys(operation?.responses ?? {}).map((status) => `${operation?.operationId ?? ''} ${status}`),
      )
      .filter((name) => !name.endsWith(' 500'));

    expect(described.filter((name) => !contract.seen.has(name))).toEqual([]);
  });
});
