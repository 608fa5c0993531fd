import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional, ValidateBy } from 'class-validator';
import { limits } from '../../config/config.js';
import { faultOfJsonObject } from './json-object.js';
import { faultOfTime, parseQueryTime, parseTime } from './times.js';

/** What the class of every query extends: by it, `UnknownQueryGuard` tells which handlers take one. */
export abstract class QueryDto {
  declare readonly isQuery?: true;
}

/** What a decorator below is told about one field, for its documentation and whether it may be left out. */
type Described = Pick<ApiPropertyOptions, 'description' | 'example' | 'default'> & {
  readonly optional?: boolean;
};

/** Why a value is refused, as a sentence that starts with the field's name; undefined if it is accepted. */
type FaultOf = (value: unknown, field: string) => string | undefined;

const FIELDS = Symbol('fields');

/** The names of the fields that a class declares by the decorators below; none if it is no DTO of a request. */
export function fieldsOf(dto: object): ReadonlySet<string> {
  return (Reflect.getMetadata(FIELDS, dto) as ReadonlySet<string> | undefined) ?? new Set();
}

/**
 * Makes a decorator that documents, converts and validates a field of a request.
 *
 * @param read converts what a client sent; what can't be converted is returned as it is, and then refused.
 */
function field(schema: object, options: Described, faultOf: FaultOf, read?: (sent: unknown) => unknown) {
  const { optional = false, ...described } = options;
  return applyDecorators(
    ApiProperty({ ...schema, ...described, required: !optional }),
    ...(optional ? [IsOptional()] : []),
    ...(read ? [Transform(({ value }) => read(value))] : []),
    ValidateBy({
      name: 'field',
      validator: {
        validate: (value, args) => faultOf(value, args?.property ?? '') === undefined,
        defaultMessage: (args) => faultOf(args?.value, args?.property ?? '') ?? '',
      },
    }),
    (dto: object, name: string | symbol) => {
      Reflect.defineMetadata(FIELDS, new Set([...fieldsOf(dto), String(name)]), dto);
    },
  );
}

/** An id that a client chose: visible ASCII, and not a path segment that URLs drop (`.` and `..`, RFC 3986 5.2.4). */
export function IdField(options: Described): PropertyDecorator {
  return field(ID, options, (value, name) => (isId(value) ? undefined : idRule(name)));
}

const ID = { minLength: 1, maxLength: limits.MAX_ID_LENGTH, pattern: '^(?!\\.{1,2}$)[!-~]+$' } as const;
const ID_PATTERN = new RegExp(ID.pattern);

/** Whether a value can be the id of a session or an event. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= limits.MAX_ID_LENGTH && ID_PATTERN.test(value);
}

/** The message for an invalid id. */
export function idRule(name: string): string {
  return `${name} must be a string of 1 to ${limits.MAX_ID_LENGTH} visible ASCII characters without spaces, other than "." and ".."`;
}

/** A language tag in the form of any provider, not only of BCP 47: `en-GB`, `en_US`, `multi`, `und`. */
export function LanguageField(options: Described): PropertyDecorator {
  const pattern = `^[A-Za-z][A-Za-z0-9_-]{0,${limits.MAX_LANGUAGE_LENGTH - 1}}$`;
  const tag = new RegExp(pattern);
  const rule = `must be a language tag such as "en", "pt-BR" or "und": 1 to ${limits.MAX_LANGUAGE_LENGTH} letters, digits, "-" and "_", the first of them a letter`;
  return field({ pattern, minLength: 1, maxLength: limits.MAX_LANGUAGE_LENGTH }, options, (value, name) =>
    typeof value === 'string' && tag.test(value) ? undefined : `${name} ${rule}`,
  );
}

/** A time in one of the forms of `parseTime`; the DTO has it as a `Date`. */
export function TimeField(options: Described): PropertyDecorator {
  const schema = {
    oneOf: [
      { type: 'string', format: 'date-time' },
      { type: 'number', minimum: 0, maximum: 99_999_999_999_999 },
    ],
    format: undefined, // or it would be that of a `Date` for both
  };
  return field(schema, options, faultOfTime, (sent) => parseTime(sent) ?? sent);
}

/** A time in a query, where it may also be a date; the DTO has it as a `Date`. */
export function TimeQuery(description: string): PropertyDecorator {
  const options = { optional: true, description };
  return field({ type: String }, options, faultOfTime, (sent) => parseQueryTime(sent) ?? sent);
}

/** One of several texts. */
export function EnumField(values: readonly string[], options: Described): PropertyDecorator {
  return field({ enum: [...values] }, options, (value, name) =>
    values.includes(value as string) ? undefined : `${name} must be one of: ${values.join(', ')}`,
  );
}

/** One of several texts, or several of them, separated by commas; the DTO has them as a list. */
export function EnumListQuery(values: readonly string[], description: string): PropertyDecorator {
  const one = `(${values.join('|')})`;
  return field(
    { type: String, pattern: `^${one}(,${one})*$` },
    { optional: true, description },
    (value, name) =>
      Array.isArray(value) && value.every((each) => values.includes(each as string))
        ? undefined
        : `${name} must be one or several of these, separated by commas: ${values.join(', ')}`,
    (sent) => (typeof sent === 'string' ? sent.split(',') : sent),
  );
}

/** A whole number in a query, in decimal digits. */
export function IntegerQuery({
  minimum,
  maximum = Number.MAX_SAFE_INTEGER,
  ...described
}: { readonly minimum: number; readonly maximum?: number } & Described): PropertyDecorator {
  const bounded = maximum < Number.MAX_SAFE_INTEGER;
  const range = bounded ? `from ${minimum} to ${maximum}` : `of at least ${minimum}`;
  return field(
    { type: 'integer', minimum, ...(bounded && { maximum }) },
    { optional: true, ...described },
    (value, name) =>
      typeof value === 'number' && value >= minimum && value <= maximum
        ? undefined
        : `${name} must be a whole number ${range}`,
    (sent) => (typeof sent === 'string' && /^\d{1,15}$/.test(sent) ? Number(sent) : sent),
  );
}

/** Any text in a query. */
export function TextQuery(description: string): PropertyDecorator {
  return field({ type: String }, { optional: true, description }, (value, name) =>
    typeof value === 'string' ? undefined : `${name} must be a text`,
  );
}

/** A JSON object that comes back unchanged, of at most this many bytes as JSON: see `faultOfJsonObject`. */
export function JsonObjectField(maxBytes: number, options: Described): PropertyDecorator {
  return field({ type: 'object', additionalProperties: true }, options, (value, name) =>
    faultOfJsonObject(value, name, maxBytes),
  );
}

/** A list of 1 to `max` objects, which `readItem` reads one by one. */
export function ListField(item: new () => object, max: number, options: Described): PropertyDecorator {
  return field({ type: [item], minItems: 1, maxItems: max }, options, (value, name) =>
    Array.isArray(value) && value.length >= 1 && value.length <= max
      ? undefined
      : `${name} must be a list of 1 to ${max} objects`,
  );
}
