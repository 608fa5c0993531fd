import { getMetadataStorage, ValidationTypes, type MetadataStorage } from 'class-validator';
import { listsOf, type Dto } from './list-of.js';

type Rule = ReturnType<MetadataStorage['getTargetValidationMetadatas']>[number];
type Check = (value: unknown, dto: object) => boolean;

/** The rules of a DTO's decorators. */
export interface DtoRules {
  /** The fields that it declares, by their validators. */
  readonly fields: ReadonlySet<string>;
  /** The fields that are lists of other DTOs, with the class of their items. */
  readonly lists: ReadonlyMap<string, Dto>;
  /** True only if the DTO is valid. If false, ask class-validator for the errors; there may be none. */
  readonly passes: (dto: object) => boolean;
}

/**
 * Reads the rules of a DTO once, so that its objects are checked quickly. By itself, class-validator collects the rules
 * again for each object, and builds an error for each field before it checks the field (figures:
 * docs/adr/0005-express.md).
 */
export function rulesOf(dto: Dto): DtoRules {
  const storage = getMetadataStorage();
  const byField = storage.groupByPropertyName(storage.getTargetValidationMetadatas(dto, '', false, false));
  const checks = Object.values(byField).map((rules) => checkOf(dto, rules));
  return {
    fields: new Set(Object.keys(byField)),
    lists: listsOf(dto.prototype as object),
    passes: (object) => checks.every((passes) => passes(object)),
  };
}

/**
 * A check of one field. It passes if one of its conditions does not hold, or if all of its validators accept the value.
 */
function checkOf(dto: Dto, rules: readonly Rule[]): (object: object) => boolean {
  const [field = ''] = rules.map(({ propertyName }) => propertyName);
  const isCondition = ({ type }: Rule) => type === ValidationTypes.CONDITIONAL_VALIDATION;
  const conditions = rules.filter(isCondition).map(conditionOf);
  const validators = rules.filter((rule) => !isCondition(rule)).map((rule) => validatorOf(dto, rule));
  return (object) => {
    const value = (object as Record<string, unknown>)[field];
    const pass = (check: Check) => check(value, object);
    return !conditions.every(pass) || validators.every(pass);
  };
}

function conditionOf({ constraints }: Rule): Check {
  const [holds] = constraints as [(object: object, value: unknown) => boolean];
  return (value, object) => holds(object, value);
}

/** Rules that are more than one check of one value (`each`, `validateIf`) never pass, and so are left to class-validator. */
function validatorOf(
  dto: Dto,
  { type, propertyName: property, constraintCls, constraints, ...rule }: Rule,
): Check {
  const [validator] = getMetadataStorage().getTargetValidatorConstraints(constraintCls);
  if (!validator || type !== ValidationTypes.CUSTOM_VALIDATION || rule.each || rule.validateIf)
    return () => false;
  const { instance } = validator;
  return (value, object) =>
    instance.validate(value, { targetName: dto.name, property, object, value, constraints }) === true;
}
