import { Injectable, type ArgumentMetadata, type PipeTransform, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { isObject, validateSync } from 'class-validator';
import { ValidationFailedError, type ErrorDetail } from '../errors/domain-error.js';
import { fieldsOf } from './fields.js';

/** Characters of a field's name that an error repeats. */
const MAX_NAME = 100;

type Sent = Readonly<Record<string, unknown>>;

/** A class whose fields are declared by the decorators of `fields.ts`. */
type Dto<T extends object> = Type<T> & {
  /** The message for an unknown field, where the usual one would not help. */
  refusalOf?(field: string): string | undefined;
};

/**
 * Converts a body, query or path parameters to the handler's DTO, or refuses them with all faults.
 *
 * Nest's own pipe does not suit what clients may send: class-transformer leaves out keys of an object such as `toString`
 * and `__proto__`, and walks any depth recursively (100,000 brackets overflow the stack). Here it gets only the scalars of
 * a DTO; objects are checked by their validator, and passed on by reference.
 */
@Injectable()
export class RequestValidationPipe implements PipeTransform<unknown> {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type === 'custom' || !metatype || fieldsOf(metatype.prototype as object).size === 0) return value;
    const sent = type === 'body' ? jsonObject(value) : (value as Sent);
    if (type === 'query') refuse(repeated(sent));
    const { dto, faults } = readDto(metatype as Type<object>, sent);
    refuse(faults);
    return dto;
  }
}

/**
 * Makes a DTO of what a client sent. A field that is null counts as left out, as many programs write what they don't have.
 *
 * @returns the DTO, and why it is refused: it is valid if there is no fault.
 */
export function readDto<T extends object>(
  dtoClass: Dto<T>,
  sent: Sent,
): { readonly dto: T; readonly faults: readonly ErrorDetail[] } {
  const fields = fieldsOf(dtoClass.prototype as object);
  // Only own ones, so that no other key (`__proto__`, `constructor`) reaches the DTO.
  const given = Object.entries(sent).filter(
    ([name, value]) => fields.has(name) && (value ?? undefined) !== undefined,
  );
  const isScalar = ([, value]: [string, unknown]) => typeof value !== 'object';
  const dto = Object.assign(
    plainToInstance(dtoClass, Object.fromEntries(given.filter(isScalar))),
    Object.fromEntries(given.filter((entry) => !isScalar(entry))),
  );
  const invalid = validateSync(dto).flatMap(({ property, constraints = {} }) =>
    Object.values(constraints).map((message) => ({ field: property, message })),
  );
  return { dto, faults: [...unknownFields(sent, fields, dtoClass), ...invalid] };
}

/**
 * The same for an item of a list, whose faults say its place: `events[3].payload`.
 *
 * @param place where the item stands: `events[3]`.
 * @returns no DTO where there is a fault.
 */
export function readItem<T extends object>(
  dtoClass: Dto<T>,
  sent: unknown,
  place: string,
): { readonly dto?: T; readonly faults: readonly ErrorDetail[] } {
  if (!isObject(sent)) return { faults: [{ field: place, message: `${place} must be a JSON object` }] };
  const { dto, faults } = readDto(dtoClass, sent as Sent);
  if (faults.length === 0) return { dto, faults };
  return {
    faults: faults.map(({ field, message }) => ({
      field: `${place}.${field}`,
      message: `${place}: ${message}`,
    })),
  };
}

/** @throws ValidationFailedError if there is a fault. */
export function refuse([first, ...others]: readonly ErrorDetail[]): void {
  if (first) throw new ValidationFailedError([first, ...others]);
}

function jsonObject(body: unknown): Sent {
  const sent = body === undefined ? {} : body; // no body counts as an empty one, whose missing fields are reported
  if (!isObject(sent)) refuse([{ field: 'body', message: 'The body must be a JSON object' }]);
  return sent as Sent;
}

/** A fault for each field of a request that is not one of `known`. */
export function unknownFields(
  sent: Sent,
  known: { has(name: string): boolean },
  dtoClass?: Dto<object>,
): ErrorDetail[] {
  return Object.keys(sent)
    .filter((key) => !known.has(key))
    .map((key) => nameOf(key))
    .map((field) => ({ field, message: dtoClass?.refusalOf?.(field) ?? `${field} is not known here` }));
}

function repeated(sent: Sent): ErrorDetail[] {
  return Object.keys(sent)
    .filter((key) => Array.isArray(sent[key]))
    .map((key) => nameOf(key))
    .map((field) => ({ field, message: `${field} must be given once` }));
}

/** A field's name for an error, shortened and made safe to send. */
function nameOf(key: string): string {
  const name = key.toWellFormed();
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}
