import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describeApi } from '../../src/common/openapi/describe-api.js';
import { errorCatalogue } from '../../src/common/errors/error-catalogue.js';
import { OpenApiContract, type OpenApi } from '../support/openapi-contract.js';
import { startService, type TestService } from '../support/service.js';
import { checkBy, TOUR } from '../support/tour.js';

let service: TestService;
let description: OpenApi;
let contract: OpenApiContract;
beforeAll(async () => {
  service = await startService();
  description = (await service.client.send({ path: '/docs/openapi.json' })).body as OpenApi;
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
});

describe('answers are as described', () => {
  it.each(Object.entries(TOUR))('%s', async (_name, go) => {
    await go(check, service);
  });

  it('and cover every described status except 500', () => {
    const described = Object.values(description.paths)
      .flatMap((path) => Object.values(path))
      .flatMap((operation) =>
        Object.keys(operation?.responses ?? {}).map((status) => `${operation?.operationId} ${status}`),
      )
      .filter((name) => !name.endsWith(' 500'));

    expect(described.filter((name) => !contract.seen.has(name))).toEqual([]);
  });
});
