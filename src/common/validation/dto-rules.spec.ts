import { describe, expect, it } from '@jest/globals';
import { IsIn, IsInt, IsString, Max, Min, validateSync } from 'class-validator';
import fc from 'fast-check';
import { rulesOf } from './dto-rules.js';
import { IsIdentifier, IsJsonObject, IsOneOrSeveralOf, IsTimestamp, MayBeLeftOut } from './validators.js';

class Parent {
  @IsIdentifier()
  id?: unknown;
}

class Child extends Parent {
  @MayBeLeftOut()
  @Max(10)
  @Min(1)
  @IsInt()
  count?: unknown;

  @IsIn(['a', 'b'])
  letter?: unknown;

  @MayBeLeftOut()
  @IsTimestamp()
  time?: unknown;

  @IsJsonObject(20)
  json?: unknown;

  @MayBeLeftOut()
  @IsOneOrSeveralOf(['a', 'b'])
  several?: unknown;

  @MayBeLeftOut()
  @IsString()
  text?: unknown;
}

const GOOD = { id: 'one', count: 3, letter: 'a', time: '2026-03-01T12:00:00Z', json: { a: 1 }, text: '' };

/** A field that is valid, missing, or anything. */
const field = (good: unknown) => fc.oneof({ weight: 4, arbitrary: fc.constant(good) }, fc.anything());
const dtos = fc
  .record(
    {
      id: field(GOOD.id),
      count: field(GOOD.count),
      letter: field(GOOD.letter),
      time: field(GOOD.time),
      json: field(GOOD.json),
      several: field(['a']),
      text: field(GOOD.text),
    },
    { requiredKeys: [] },
  )
  .map((fields) => Object.assign(new Child(), fields));

describe('the rules of a DTO', () => {
  const { fields, passes } = rulesOf(Child);

  it('contain its fields, including inherited ones', () => {
    expect([...fields].sort()).toEqual(['count', 'id', 'json', 'letter', 'several', 'text', 'time']);
  });

  it('accept only what class-validator finds no fault with', () => {
    let passed = 0;
    fc.assert(
      fc.property(dtos, (dto) => {
        if (!passes(dto)) return;
        passed++;
        expect(validateSync(dto)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
    expect(passed).toBeGreaterThan(10);
  });

  it('accept valid values, except lists of values, which are left to class-validator', () => {
    expect(passes(Object.assign(new Child(), GOOD))).toBe(true);
    expect(passes(Object.assign(new Child(), { ...GOOD, several: ['a'] }))).toBe(false);
  });
});
