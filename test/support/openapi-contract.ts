import assert from 'node:assert/strict';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { match } from 'path-to-regexp';
import { type Answer } from './http.js';

type Json = Record<string, unknown>;

interface ResponseDescription {
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, { readonly schema: Json }>>;
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, ResponseDescription | undefined>>;
}

export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation | undefined>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Json>>;
    readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
    readonly headers: Readonly<Record<string, { readonly required?: boolean; readonly schema: Json }>>;
  };
}

/** Where there is no operation, none can describe the answer: the guide at the head says in words what 404 and 405 are. */
const NO_OPERATION: ResponseDescription = {
  headers: { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } },
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};

/** What every answer may carry without a word in the description: HTTP's own, and what secures browsers. */
const UNSAID =
  /^(allow|content-(type|length|security-policy)|date|connection|keep-alive|transfer-encoding|vary|cache-control|(cross-origin|origin-agent|referrer|access-control|x-(accel|content-type|dns|download|frame|permitted|xss))-.*)$/;

/** Holds answers of the service against its own OpenAPI description, and remembers which of it they have shown. */
export class OpenApiContract {
  /** `createSession 201` and the like: what was expected so far. */
  readonly seen = new Set<string>();
  private readonly ajv = addFormats.default(new Ajv({ strict: false, allErrors: true }));
  private readonly validators = new Map<object, ValidateFunction>();

  constructor(readonly description: OpenApi) {
    const schemas = structuredClone(description.components.schemas) as Record<string, Json>;
    // What the description leaves open for the future, a test does not: no answer has a property it does not name.
    for (const schema of Object.values(schemas)) {
      if (schema['properties']) schema['additionalProperties'] ??= false;
    }
    this.ajv.addSchema({ $id: 'openapi', components: { schemas } });
  }

  /**
   * Holds an answer against what the description says of this request: status, headers and body.
   *
   * @throws AssertionError that names what is not as described.
   */
  expectValid(method: string, path: string, answer: Answer): void {
    const { name, response } = this.find(method, path, answer.status);
    this.seen.add(name);
    this.expectHeaders(name, response, answer);
    if (!response.content && answer.text === '') return; // as 204 has it
    const type = answer.headers['content-type']?.split(';')[0] ?? '';
    assert(response.content?.[type], `${name} is described without ${type}`);
    const { schema } = response.content[type];
    if (type === 'application/json') this.expectBody(name, schema, answer.body);
  }

  /** What the description says of an answer, and its name there: `createSession 201` and the like. @throws where it has none. */
  find(method: string, path: string, status: number) {
    const { paths } = this.description;
    const pathname = path.split('?')[0] ?? '';
    const pattern = Object.keys(paths).find((each) =>
      match(each.replace(/\{(\w+)\}/g, ':$1'), { decode: false })(pathname),
    );
    const operation = paths[pattern ?? '']?.[method.toLowerCase()];
    const name = `${operation?.operationId ?? `${method} ${pathname}`} ${status}`;
    const response = operation ? operation.responses[status] : [404, 405].includes(status) && NO_OPERATION;
    if (!response) throw new Error(`The description has no ${name}`);
    return { name, response };
  }

  private expectHeaders(name: string, { headers = {} }: ResponseDescription, answer: Answer): void {
    const described = Object.keys(headers);
    const names = new Set(described.map((header) => header.toLowerCase()));
    const undescribed = Object.keys(answer.headers).filter(
      (header) => !names.has(header) && !UNSAID.test(header),
    );
    assert.deepEqual(undescribed, [], `Headers of ${name}`);
    for (const header of described) {
      const { required = false, schema } = this.description.components.headers[header] ?? { schema: {} };
      const value = answer.headers[header.toLowerCase()];
      if (value === undefined) assert(!required, `${name} lacks ${header}`);
      else this.expectBody(`${name} ${header}`, schema, schema['type'] === 'integer' ? Number(value) : value);
    }
  }

  private expectBody(name: string, schema: Json, value: unknown): void {
    let validate = this.validators.get(schema);
    if (!validate) {
      const text = JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/');
      this.validators.set(schema, (validate = this.ajv.compile(JSON.parse(text) as Json)));
    }
    validate(value);
    assert.deepEqual(validate.errors, null, `${name}: ${this.ajv.errorsText(validate.errors)}`);
  }
}
