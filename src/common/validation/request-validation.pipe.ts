import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { isObject, validateSync } from 'class-validator';
import { ValidationFailedError, type ErrorDetail } from '../errors/domain-error.js';
import { rulesOf, type DtoRules } from './dto-rules.js';
import { type Dto } from './list-of.js';

/** Characters of a field's name that an error repeats. */
const MAX_NAME = 100;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Converts a body, query or path parameters to the handler's DTO, or refuses them with all faults.
 *
 * Nest's own pipe does not suit two things that clients may send: it silently deletes `__proto__` keys, and it walks
 * bodies of any depth recursively (100,000 brackets overflow the stack). Here, nothing below the DTO's own fields is
 * touched before its validator has checked it, and it is then passed on by reference.
 */
@Injectable()
export class RequestValidationPipe implements PipeTransform<unknown> {
  private readonly rules = new Map<Dto, DtoRules>();

  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    const rules = type === 'custom' || !metatype ? undefined : this.rulesOf(metatype as Dto);
    if (!rules || rules.fields.size === 0) return value; // the parameter's type is not a DTO
    const given = type === 'body' ? jsonObject(value) : (value as Fields);

    const refused = [
      ...unknownFields(given, rules.fields, metatype as Dto),
      ...(type === 'query' ? repeated(given) : []),
    ];
    const known = pick(given, rules.fields);
    // Only query strings need transforming, since all their values are text.
    const dto =
      type === 'query' && Object.keys(known).length > 0
        ? plainToInstance(metatype as Dto, known)
        : Object.assign(new (metatype as Dto)(), known);
    const [first, ...others] = this.checked(dto, rules, refused);
    if (first) throw new ValidationFailedError([first, ...others]);
    return dto;
  }

  private rulesOf(dto: Dto): DtoRules {
    let rules = this.rules.get(dto);
    if (!rules) this.rules.set(dto, (rules = rulesOf(dto)));
    return rules;
  }

  /** Checks the fields of a DTO and the items of its lists; afterwards each list holds DTOs. */
  private checked(dto: object, { lists, passes }: DtoRules, refused: readonly ErrorDetail[]): ErrorDetail[] {
    const found = passes(dto) ? [] : faultsOf(dto);
    const faults = [
      ...refused,
      ...found.filter(({ field }) => !refused.some((refusal) => refusal.field === field)),
    ];
    for (const [field, itemType] of lists) {
      const list = (dto as Record<string, unknown>)[field];
      if (!Array.isArray(list) || faults.some((fault) => fault.field === field)) continue;
      const items = list.map((item: unknown, index) => this.item(itemType, item, `${field}[${index}]`));
      Object.assign(dto, { [field]: items.map((item) => item.dto) });
      faults.push(...items.flatMap((item) => item.faults));
    }
    return faults;
  }

  private item(itemType: Dto, given: unknown, place: string): { dto: object; faults: ErrorDetail[] } {
    const dto = new itemType();
    if (!isObject(given) || Array.isArray(given))
      return { dto, faults: [{ field: place, message: `${place} must be a JSON object` }] };
    const rules = this.rulesOf(itemType);
    const faults = this.checked(
      Object.assign(dto, pick(given as Fields, rules.fields)),
      rules,
      unknownFields(given as Fields, rules.fields, itemType),
    );
    return {
      dto,
      faults: faults.map(({ field, message }) => ({
        field: `${place}.${field}`,
        message: `${place}: ${message}`,
      })),
    };
  }
}

function jsonObject(body: unknown): Fields {
  const given = body ?? {}; // no body counts as an empty one, whose missing fields are reported below
  if (typeof given !== 'object' || Array.isArray(given) || body === null) {
    throw new ValidationFailedError([{ field: 'body', message: 'The body must be a JSON object' }]);
  }
  return given as Fields;
}

/** A fault for each field of a request that is not one of `fields`. */
export function unknownFields(given: Fields, fields: ReadonlySet<string>, dto?: Dto): ErrorDetail[] {
  return Object.keys(given)
    .filter((key) => !fields.has(key))
    .map((key) => nameOf(key))
    .map((field) => ({ field, message: dto?.refusalOf?.(field) ?? `${field} is not known here` }));
}

function repeated(given: Fields): ErrorDetail[] {
  return Object.keys(given)
    .filter((key) => Array.isArray(given[key]))
    .map((key) => nameOf(key))
    .map((field) => ({ field, message: `${field} must be given once` }));
}

/** A field's name for an error, shortened and made safe to send. */
function nameOf(key: string): string {
  const name = key.toWellFormed();
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}

/** The known fields as received. Only own ones, so that no other key (`__proto__`, `constructor`) reaches the DTO. */
function pick(given: Fields, fields: ReadonlySet<string>): Fields {
  const known: Record<string, unknown> = {};
  for (const field of fields) if (Object.hasOwn(given, field)) known[field] = given[field];
  return known;
}

function faultsOf(dto: object): ErrorDetail[] {
  return validateSync(dto).flatMap(({ property, constraints = {} }) =>
    Object.values(constraints).map((message) => ({ field: property, message })),
  );
}
