import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyText } from '../../../../test/support/any-text.js';
import { markup } from '../../../pages/markup.js';
import { jsonText } from './json-text.js';

const anyJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    anyText(),
    fc.constantFrom(true, false, null),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('value')),
    fc.dictionary(anyText(), tie('value')),
  ),
})).value;

const bytesOf = (text: string) => Buffer.byteLength(markup`${text}`.source);

describe('jsonText', () => {
  it('keeps short values on one line, and breaks up others', () => {
    const value = { a: [1, null, {}], long: 'x'.repeat(60), inner: { b: true } };

    expect(jsonText({ a: [1, null, {}] }).text).toBe('{ "a": [1, null, {}] }');
    expect(jsonText(value).text).toBe(
      `{\n  "a": [1, null, {}],\n  "long": "${'x'.repeat(60)}",\n  "inner": { "b": true }\n}`,
    );
  });

  it('is JSON of the same value if it has no limit', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { text, whole, leftOut } = jsonText(value);

        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect([whole, leftOut]).toEqual([true, 0]);
      }),
    );
  });

  it('is the beginning of that JSON, within its limit of markup', () => {
    fc.assert(
      fc.property(anyJson, fc.nat({ max: 300 }), (value, bytes) => {
        const all = jsonText(value).text;
        const { text, whole } = jsonText(value, bytes);

        expect(bytesOf(text)).toBeLessThanOrEqual(bytes);
        expect(whole).toBe(bytesOf(all.toWellFormed()) <= bytes);
        expect(all.slice(0, whole ? undefined : text.length)).toBe(text);
      }),
    );
  });

  it('tells how many values are left out', () => {
    expect(jsonText([[1, 2, 3], 'x'.repeat(80), [4, [5]], 6], 20)).toMatchObject({
      whole: false,
      leftOut: 2,
    });
    expect(jsonText(new Array(1000).fill('0123456789'), 140)).toMatchObject({ whole: false, leftOut: 994 });
  });
});
