import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonLine, sameJson } from './json.js';

describe('sameJson', () => {
  it.each([
    ['null', null, null],
    ['0 and -0', 0, -0],
    ['arrays', [1, [2, {}]], [1, [2, {}]]],
    ['objects whose keys are in another order', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    ['objects with keys that JavaScript knows', { toString: 1, valueOf: {} }, { toString: 1, valueOf: {} }],
  ])('finds %s equal', (_what, a, b) => {
    expect(sameJson(a, b)).toBe(true);
  });

  it.each([
    ['null and an object', null, {}],
    ['a number and its text', 1, '1'],
    ['an array and an object with its indexes', ['a'], { 0: 'a' }],
    ['arrays in another order', [1, 2], [2, 1]],
    ['an object and one with a key more', { a: 1 }, { a: 1, b: null }],
    ['objects of as many keys with other names', { a: undefined }, { b: undefined }],
    ['an inherited key and an own one', {}, { toString: 1 }],
  ])('tells %s apart', (_what, a, b) => {
    expect(sameJson(a, b)).toBe(false);
    expect(sameJson(b, a)).toBe(false);
  });

  it('agrees with the text of the JSON for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(sameJson(a, JSON.parse(JSON.stringify(a)))).toBe(true);
        expect(sameJson([a], [b])).toBe(sameJson([b], [a]));
        expect(sameJson({ a }, { a, b })).toBe(false);
      }),
    );
  });
});

describe('jsonLine', () => {
  it('is the same JSON for any value, without a character that ends a line', () => {
    const ends = fc.constantFrom('\u0085', '\u2028', '\u2029', '\n', '\r');
    const text = fc.array(fc.oneof(ends, fc.string({ unit: 'binary' }))).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, fc.array(text), fc.jsonValue())), (value) => {
        const line = jsonLine(value);

        expect(line).not.toMatch(/[\u0085\u2028\u2029\n\r]/);
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
