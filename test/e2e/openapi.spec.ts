import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describeApi } from '../../src/common/openapi/describe-api.js';
import { errorExample } from '../../src/common/openapi/api-errors.js';
import { EXAMPLE } from '../../src/common/openapi/guide.js';
import { errorCatalogue, type ErrorCode } from '../../src/common/errors/error-catalogue.js';
import { expectError } from '../support/expectations.js';
import { OpenApiContract, type OpenApi } from '../support/openapi-contract.js';
import { examplesOf, type Described } from '../support/openapi-examples.js';
import { type ErrorBody } from '../support/representations.js';
import { anEvent, aSession, newId } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { checkBy, TOUR } from '../support/tour.js';

let service: TestService;
let description: OpenApi & Described;
let contract: OpenApiContract;
beforeAll(async () => {
  service = await startService();
  description = (await service.client.send({ path: '/docs/openapi.json' })).body as OpenApi & Described;
  contract = new OpenApiContract(description);
});
afterAll(() => service.close());

/** Sends a request and compares its response with the description. */
const check = checkBy(async (request) => {
  const answer = await service.client.send(request);
  contract.expectValid(request.method, request.path, answer);
  return answer;
});

/** Removes the filters of METADATA_FILTER_KEYS from a description, which are set in tests but not by default. */
function withoutSetFilters(_key: string, value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.filter((each: { name?: string } | null) => !each?.name?.startsWith('metadata.'));
}

describe('the OpenAPI description', () => {
  it('is valid OpenAPI 3.0', async () => {
    expect(description.openapi).toMatch(/^3\.0\./);
    expect(await new Validator().validate(structuredClone({ ...description }))).toEqual({ valid: true });
  });

  it('is the content of docs/openapi.json', async () => {
    const file = await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8');

    const described: unknown = JSON.parse(JSON.stringify(describeApi(service.app)), withoutSetFilters);
    expect(JSON.parse(file)).toEqual(described);
  });

  it('has examples that match their schemas', () => {
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
    const { examples } = description.components;
    expect(Object.keys(examples)).toEqual(Object.keys(errorCatalogue));
    for (const { value } of Object.values(examples)) {
      isError(value);
      expect([value, isError.errors]).toEqual([value, null]);
    }
  });

  it('shows errors in the form that the service sends', async () => {
    const { sessionId } = EXAMPLE;
    const events = `/sessions/${sessionId}/events`;
    const event = anEvent({ eventId: 'evt-0001' });
    const strict = { Prefer: 'handling=strict' };
    const answers = [
      await check('POST', events, event), // before the session exists
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

  it('has examples that can be sent as they are, in the order shown', async () => {
    const statuses: string[] = [];
    const another = JSON.stringify(description).replaceAll(EXAMPLE.sessionId, newId()); // which another test deletes
    for (const { operationId, ...request } of examplesOf(JSON.parse(another) as Described)) {
      const { status } = await service.client.send(request);
      statuses.push(`${operationId} ${status}`);
    }

    expect(statuses).toEqual([
      'createSession 201',
      'patchSession 200',
      'appendEvent 201',
      'appendBatch 201',
      'completeSession 200',
      'listSessions 200',
      'readSession 200',
      'listEvents 200',
      'followSession 200',
      'readEvent 200',
      'exportSession 200',
      'readTranscript 200',
      'live 200',
      'ready 200',
      'readMetrics 200',
      'home 200',
      'deleteSession 204',
      'redactEvent 410',
    ]);
  });

  it('names every error code', () => {
    const { properties } = description.components.schemas['Error'] as {
      properties: { code: { enum: string[] } };
    };

    expect(properties.code.enum).toEqual(Object.keys(errorCatalogue).sort());
  });
});

describe('Swagger UI', () => {
  it.each([
    ['', 200],
    ['/', 200],
    ['/swagger-ui.css', 200],
    ['/swagger-ui-bundle.js', 200],
    ['/swagger-ui-standalone-preset.js', 200],
    ['/swagger-ui-init.js', 200],
    ['/favicon-32x32.png', 200],
    ['/openapi.json', 200],
    ['/package.json', 404],
    ['/LICENSE', 404],
    ['/swagger-ui-bundle.js.map', 404],
    ['/index.html', 404],
    ['/..%2fpackage.json', 404],
  ])('answers GET /docs%s with %d', async (path, status) => {
    const answer = await service.client.send({ path: `/docs${path}` });

    expect(answer.status).toBe(status);
    if (status === 404) expectError(answer, 'ROUTE_NOT_FOUND');
  });
});

describe('answers are as described', () => {
  it.each(Object.entries(TOUR))('%s', async (_name, go) => {
    await go(check, service);
  });

  it('and cover every described status except 500', () => {
    const described = Object.values(description.paths)
      .flatMap((path) => Object.values(path))
      .flatMap((operation) =>
        Object.keys(operation.responses).map((status) => `${operation.operationId} ${status}`),
      )
      .filter((name) => !name.endsWith(' 500'));

    expect(described.filter((name) => !contract.seen.has(name))).toEqual([]);
  });
});
