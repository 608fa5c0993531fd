import { type Random } from '../random.js';

/** The part of an OpenAPI 3 description that is needed to send the described requests. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> };
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

export interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly example?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** A method of a path, with its parameters and body. */
export interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  /** The content type of its body. */
  readonly type: string | undefined;
}

export function endpointsOf(api: OpenApi): Endpoint[] {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => {
      const [[type, content] = []] = Object.entries(requestBody?.content ?? {});
      return { method: method.toUpperCase(), path, parameters, body: content?.schema, type };
    }),
  );
}

/** A value that matches a schema. */
export function sampleOf(schema: Schema | undefined, api: OpenApi, random: Random): unknown {
  if (!schema) return 'text';
  const { $ref, allOf, enum: choices, example, type, format, minimum = 0, maximum, properties } = schema;
  if ($ref) return sampleOf(api.components?.schemas?.[$ref.split('/').at(-1) ?? ''], api, random);
  if (allOf?.[0]) return sampleOf(allOf[0], api, random);
  if (choices) return random.pick(choices);
  if (properties) {
    const required = new Set(schema.required);
    const chosen = Object.entries(properties).filter(([name]) => required.has(name) || random.chance(0.5));
    return Object.fromEntries(chosen.map(([name, inner]) => [name, sampleOf(inner, api, random)]));
  }
  if (example !== undefined) return example;
  if (type === 'integer') return random.whole(minimum, Math.min(maximum ?? 100, 100));
  return format === 'date-time' ? '2026-03-01T12:00:00.000Z' : 'text';
}
