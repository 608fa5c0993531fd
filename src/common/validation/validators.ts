import { calculateObjectSize } from 'bson';
import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsIn, isLocale, isObject, ValidateBy, ValidateIf, type ValidationArguments } from 'class-validator';
import { config } from '../../config/config.js';
import { findJsonFault } from './json-fault.js';
import { parseRfc3339 } from './rfc3339.js';

const { limits } = config;

/** The most bytes of BSON for one value: a document has 16 MiB, and also holds ids, times and marks. */
const MAX_BSON_BYTES = 16 * 1024 * 1024 - 16 * 1024;
/**
 * The factor by which JSON, as written by `JSON.stringify`, grows at most when it becomes BSON. In a list of a million
 * numbers or more, the two bytes `0,` become 13: a type, an index of seven digits with its NUL, and an int32. They
 * become 17 for -0, which is stored as a double. (`"",` and `{},` become 14 from 3 bytes.)
 */
export const BSON_GROWTH = 8.5;

/** The OpenAPI schema of an id. */
export const IDENTIFIER_SCHEMA = {
  minLength: 1,
  maxLength: limits.idLength,
  pattern: '^(?!\\.{1,2}$)[!-~]+$',
} as const;
const IDENTIFIER = new RegExp(IDENTIFIER_SCHEMA.pattern);

/** An id that a client chose: visible ASCII, and not a path segment that URLs drop (`.` and `..`, RFC 3986 5.2.4). */
export function IsIdentifier(): PropertyDecorator {
  return ValidateBy({
    name: 'isIdentifier',
    validator: {
      validate: (value) =>
        typeof value === 'string' && value.length <= limits.idLength && IDENTIFIER.test(value),
      defaultMessage: (args) => identifierRule(nameOf(args)),
    },
  });
}

/** The message for an invalid id. */
export function identifierRule(field: string): string {
  return `${field} must be a string of 1 to ${limits.idLength} visible ASCII characters without spaces, other than "." and ".."`;
}

/** A language tag that is well-formed by BCP 47; whether its subtags are registered is not looked up. */
export function IsLanguageTag(): PropertyDecorator {
  return ValidateBy({
    name: 'isLanguageTag',
    validator: {
      validate: (value) =>
        typeof value === 'string' &&
        value.length <= limits.languageLength &&
        isLocale(value) &&
        !value.includes('_'), // isLocale accepts it as a hyphen
      defaultMessage: (args) =>
        `${nameOf(args)} must be a BCP 47 language tag such as "en" or "pt-BR", of at most ${limits.languageLength} characters`,
    },
  });
}

/** A date and time of RFC 3339, with an offset or `Z`. */
export function IsTimestamp(): PropertyDecorator {
  return ValidateBy({
    name: 'isTimestamp',
    validator: {
      validate: (value) => typeof value === 'string' && parseRfc3339(value) !== undefined,
      defaultMessage: (args) =>
        `${nameOf(args)} must be a date and time of RFC 3339 with an offset or Z, such as "2026-03-01T12:00:00.000Z"` +
        // The most frequent mistake: an unencoded "+02:00" in a query arrives with a space.
        (typeof args?.value === 'string' && / \d\d:\d\d$/.test(args.value)
          ? ' (write "+" as %2B in a URL)'
          : ''),
    },
  });
}

/** A JSON object that comes back from the store unchanged: see `findJsonFault`. Its size is that of its JSON. */
export function IsJsonObject(maxBytes: number): PropertyDecorator {
  return ValidateBy({
    name: 'isJsonObject',
    validator: {
      validate: (value, args) => faultOfJsonObject(value, nameOf(args), maxBytes) === undefined,
      defaultMessage: (args) => faultOfJsonObject(args?.value, nameOf(args), maxBytes) ?? '',
    },
  });
}

/**
 * Why a value can't be stored as a JSON object of at most this many bytes, as a sentence; undefined if it can.
 *
 * @param name the field's name, for the sentence and the JSON Pointer in it.
 */
export function faultOfJsonObject(value: unknown, name: string, maxBytes: number): string | undefined {
  if (!isObject(value)) return `${name} must be a JSON object`;
  const fault = findJsonFault(value, `/${name}`, limits.jsonDepth);
  if (fault) return `${fault.pointer} ${fault.reason}`;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > maxBytes) {
    return `/${name} is too large: ${bytes} bytes as JSON, at most ${maxBytes} are allowed`;
  }
  if (bytes * BSON_GROWTH <= MAX_BSON_BYTES) return undefined; // always true below 1.8 MiB
  const stored = calculateObjectSize(value);
  return stored > MAX_BSON_BYTES
    ? `/${name} is too large to be stored: ${stored} bytes as BSON, at most ${MAX_BSON_BYTES} are possible`
    : undefined;
}

/** May be left out, but not be null: unlike class-validator's `@IsOptional`, which lets null pass. */
export function MayBeLeftOut(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}

/** Converts a query parameter to a decimal whole number; anything else is left for a validator to refuse. */
export function WholeNumberFromText(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^(\d{1,15}|-[1-9]\d{0,14})$/.test(value) ? Number(value) : value,
  );
}

function nameOf(args: ValidationArguments | undefined): string {
  return args?.property ?? 'value';
}

/** The OpenAPI schema of a parameter that is one of `values`, or several of them, separated by commas. */
export function oneOrSeveral(values: readonly string[]) {
  const one = `(${values.join('|')})`;
  return { type: String, pattern: `^${one}(,${one})*$` } as const;
}

/** One of `values`, or several of them, separated by commas; the DTO has them as a list. */
export function IsOneOrSeveralOf(values: readonly string[]): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value)),
    IsIn(values, {
      each: true,
      message: `$property must be one or several of the following values, separated by commas: ${values.join(', ')}`,
    }),
  );
}
