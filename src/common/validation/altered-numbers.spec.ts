import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isLosslessNumber, parse } from 'lossless-json';
import { parseUnaltered } from './altered-numbers.js';
import { findJsonFault } from './json-fault.js';

/** The first fault in a value. */
function faultIn(json: string) {
  const fault = findJsonFault([parseUnaltered(json)], '', 20);
  return fault && { ...fault, pointer: fault.pointer.slice('/0'.length) };
}

/** The value of an integer literal, by another algorithm than the code's: exact, and slow. Undefined for a fraction. */
function integerOf(literal: string): bigint | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(literal) ?? [];
  const shift = Number(exponent) - fraction.length;
  const digits = BigInt(`${whole}${fraction}`);
  const scale = 10n ** BigInt(Math.abs(shift));
  if (shift < 0 && digits % scale !== 0n) return undefined;
  const value = shift < 0 ? digits / scale : digits * scale;
  return sign === '' ? value : -value;
}

/** The pointers to all numbers in a JSON text that would come back changed, found by a parser that keeps every digit. */
function alteredIn(json: string): string[] {
  const altered: string[] = [];
  const visit = (value: unknown, pointer: string): void => {
    if (isLosslessNumber(value)) {
      const integer = integerOf(value.toString());
      const answer = Number(value.toString());
      if (
        !Number.isFinite(answer) ||
        (integer !== undefined && integerOf(JSON.stringify(answer)) !== integer)
      )
        altered.push(pointer);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value))
        visit(inner, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    }
  };
  visit(parse(json), '');
  return altered;
}

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength, maxLength });
const integer = digits(1, 40).map((text) => text.replace(/^0+(?=\d)/, ''));
/** JSON numbers near every edge: long, short, with fractions, exponents and zeros. */
const literal = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(
      integer,
      fc.bigInt({ min: 2n ** 53n - 9n, max: 2n ** 53n + 9n }).map(String),
      fc.nat({ max: 320 }).map((power) => `1${'0'.repeat(power)}`),
      fc.double({ min: 0, max: 1e300, noNaN: true }).map((value) => String(BigInt(Math.floor(value)))),
      fc.constantFrom('0', '1', '1152921504606846976', '9007199254740993'),
    ),
    fc.oneof(
      fc.constant(''),
      digits(1, 25).map((fraction) => `.${fraction}`),
      fc.constant('.000'),
    ),
    fc.oneof(
      fc.constant(''),
      fc.tuple(fc.constantFrom('e', 'E', 'e+', 'E-'), fc.nat({ max: 40 })).map((parts) => parts.join('')),
    ),
  )
  .map((parts) => parts.join(''));
/** JSON as text, since a parsed value would already have lost digits; with texts that only look like numbers. */
const json = fc
  .tuple(fc.array(literal, { maxLength: 4 }), literal, literal)
  .map(
    ([numbers, one, other]) =>
      `{"a/b":\n[[${numbers.join(' ,\t')} ], {"~": ${one},"\\"":true}], "${other}": "${one},\\"${other}", "" :${other}}`,
  );

describe('parseUnaltered', () => {
  it.each([
    ['{"a":12345678901234567890}', '/a', /12345678901234567000; send it as a string$/],
    ['{"a":[0,{"b":-9007199254740993}]}', '/a/1/b', /-9007199254740992/],
    ['{"a":1.2345678901234567890e19}', '/a', /integer/],
    [`{"a":${'9'.repeat(400)}}`, '/a', /out of range/],
    ['{"a":"x","b/~":{"\\"":[9007199254740993]}}', '/b~1~0/"/0', /integer/],
  ])('finds the fault in %s', (text, pointer, reason) => {
    expect(faultIn(text)).toEqual({ pointer, reason: expect.stringMatching(reason) });
  });

  it('marks what a parser that keeps every digit finds, and leaves all else as it is', () => {
    fc.assert(
      fc.property(json, (text) => {
        const altered = alteredIn(text);
        const fault = faultIn(text);

        if (!fault) expect(parseUnaltered(text)).toEqual(JSON.parse(text));
        return fault ? altered.includes(fault.pointer) : altered.length === 0;
      }),
      { numRuns: 5000 },
    );
  });

  it('survives any depth and any number of digits', () => {
    const deep = `${'['.repeat(200_000)}9007199254740993${']'.repeat(200_000)}`;
    const long = `[1${'0'.repeat(500_000)}1]`;

    expect(faultIn(deep)?.reason).toBe('is nested too deep');
    expect(faultIn(long)?.reason).toMatch(/out of range/);
    expect(faultIn(`[0.${'0'.repeat(500_000)}1]`)).toBeUndefined();
  });
});
