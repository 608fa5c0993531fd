import { type ExactRequest } from './http.js';

type Scalar = string | number | boolean;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly example?: Scalar;
  readonly schema: { readonly example?: Scalar; readonly default?: Scalar };
}

interface Operation {
  readonly operationId: string;
  readonly tags: readonly [string];
  readonly parameters: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly $ref: string } }>>;
  };
}

/** The part of the description that contains its examples. */
export interface Described {
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<
      Record<string, { readonly properties?: Readonly<Record<string, { readonly example?: unknown }>> }>
    >;
  };
}

export interface Example extends ExactRequest {
  readonly operationId: string;
}

/**
 * The requests that Swagger UI sends if a user tries all operations from top to bottom and changes nothing: by tag,
 * then by path; with each parameter that has an example or a default, and the examples of the body's properties.
 *
 * @throws if a property of a body has no example.
 */
export function examplesOf({ tags, paths, components }: Described): Example[] {
  const all = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
  return tags
    .flatMap(({ name }) => all.filter(({ operation }) => operation.tags[0] === name))
    .map(({ path, method, operation }) => {
      const { type, body } = bodyOf(operation, components.schemas);
      const { headers, ...filled } = filledIn(path, operation.parameters);
      return {
        operationId: operation.operationId,
        method: method.toUpperCase(),
        ...filled,
        headers: { ...headers, ...(type && { 'Content-Type': type }) },
        ...(body && { body }),
      };
    });
}

function filledIn(template: string, parameters: Operation['parameters']) {
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  let path = template;
  for (const parameter of parameters) {
    if ('$ref' in parameter) continue; // the request id, which has no example
    const { name, in: place, example, schema } = parameter;
    const value = example ?? schema.example ?? schema.default;
    if (value === undefined) continue;
    if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(String(value)));
    else if (place === 'query') query.set(name, String(value));
    else headers[name] = String(value);
  }
  return { path: query.size > 0 ? `${path}?${query.toString()}` : path, headers };
}

function bodyOf({ requestBody }: Operation, schemas: Described['components']['schemas']) {
  const [content] = Object.entries(requestBody?.content ?? {});
  if (!content) return {};
  const [type, { schema }] = content;
  const name = schema.$ref.split('/').at(-1) ?? '';
  const examples = Object.entries(schemas[name]?.properties ?? {}).map(([property, { example }]) => {
    if (example === undefined) throw new Error(`${name}.${property} has no example`);
    return [property, example] as const;
  });
  return { type, body: JSON.stringify(Object.fromEntries(examples)) };
}
