import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatJson } from './json.view.js';

describe('formatJson', () => {
  it('keeps on a line what fits, and breaks up the rest', () => {
    const value = { a: [1, null, {}], long: 'x'.repeat(60), inner: { b: true } };

    expect(formatJson({ a: [1, null, {}] })).toBe('{ "a": [1, null, {}] }');
    expect(formatJson(value)).toBe(
      `{\n  "a": [1, null, {}],\n  "long": "${'x'.repeat(60)}",\n  "inner": { "b": true }\n}`,
    );
  });

  it('is always JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(formatJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
