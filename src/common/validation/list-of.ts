import { applyDecorators } from '@nestjs/common';
import { ValidateBy } from 'class-validator';

/** A class whose decorators describe a part of a request. It may have a message of its own for unknown fields. */
export type Dto = (new () => object) & { refusalOf?(field: string): string | undefined };

const LISTS = Symbol('lists');

/**
 * A list of 1 to `max` objects, each of which must be a valid `item`. `RequestValidationPipe` converts them, and names
 * faults by their place: `events[3].payload`.
 */
export function IsListOf(item: Dto, max: number): PropertyDecorator {
  return applyDecorators(
    (target: object, property: string | symbol) => {
      const lists = new Map([...listsOf(target), [String(property), item]]);
      Reflect.defineMetadata(LISTS, lists, target);
    },
    ValidateBy({
      name: 'isListOf',
      validator: {
        validate: (value) => Array.isArray(value) && value.length >= 1 && value.length <= max,
        defaultMessage: (args) => `${args?.property ?? 'value'} must be a list of 1 to ${max} objects`,
      },
    }),
  );
}

/** The fields of a DTO that are lists of other DTOs, with the class of their items. */
export function listsOf(dto: object): ReadonlyMap<string, Dto> {
  return (Reflect.getMetadata(LISTS, dto) as ReadonlyMap<string, Dto> | undefined) ?? new Map<string, Dto>();
}
