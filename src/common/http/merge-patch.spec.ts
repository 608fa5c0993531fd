import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mergePatch } from './merge-patch.js';

// Appendix A of the RFC, in its order.
const APPENDIX: readonly [original: unknown, patch: unknown, result: unknown][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

type Members = Record<string, unknown>;
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The pseudocode of the RFC's section 2, line by line, on objects that inherit nothing. */
function byTheRfc(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Members = Object.assign(Object.create(null), isObject(target) ? target : {}) as Members;
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) {
      if (name in result) Reflect.deleteProperty(result, name);
    } else {
      result[name] = byTheRfc(result[name], value);
    }
  }
  return result;
}

const text = (value: unknown) => JSON.stringify(value);
const key = fc.constantFrom('a', 'b', 'a.b', '$set', '', 'constructor', 'toString', '__proto__', '1');
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, 'x', 'y'),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(key, tie('json'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

describe('mergePatch', () => {
  it.each(APPENDIX)('of %j by %j is %j', (original, patch, result) => {
    expect(mergePatch(original, patch)).toEqual(result);
  });

  it('is what the RFC’s pseudocode makes, key by key in the same order, and changes neither', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const before = [text(target), text(patch)];

        expect(text(mergePatch(target, patch))).toBe(text(byTheRfc(target, patch)));
        expect([text(target), text(patch)]).toEqual(before);
      }),
      { numRuns: 2000 },
    );
  });

  it('twice is the same as once', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const once = mergePatch(target, patch);

        expect(text(mergePatch(once, patch))).toBe(text(once));
      }),
    );
  });
});
