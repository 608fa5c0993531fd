import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findJsonFault } from './json-fault.js';

const faultIn = (json: string, maxDepth = 20) =>
  findJsonFault(JSON.parse(json) as object, '/payload', maxDepth);

describe('findJsonFault', () => {
  it.each([
    ['{"a":{}}', 1, '/payload/a'],
    ['{"a":{"b":[]}}', 2, '/payload/a/b'],
    ['{"a":[[{}]]}', 3, '/payload/a/0/0'],
  ])('counts %s as deeper than %d', (json, depth, pointer) => {
    expect(faultIn(json, depth)).toEqual({ pointer, reason: 'is nested too deep' });
    expect(faultIn(json, depth + 1)).toBeUndefined();
  });

  it('survives any depth', () => {
    expect(faultIn(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)?.reason).toBe('is nested too deep');
  });

  it('points at a place that exists, whatever the value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const text = JSON.stringify({ ...object, faulty: { deep: [object, '\0'] } });
        const value: unknown = JSON.parse(text);

        const fault = findJsonFault(value as object, '', 20);

        expect(fault).toBeDefined();
        expect(at(value, fault?.pointer ?? '')).toBeDefined();
      }),
    );
  });
});

/** The value at a JSON Pointer. */
function at(value: unknown, pointer: string): unknown {
  const tokens = pointer.split('/').slice(1);
  return tokens
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((inner, token) => (inner as Record<string, unknown>)[token], value);
}
