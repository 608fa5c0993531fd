import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findJsonFault } from './json-fault.js';

const faultIn = (json: string, maxDepth = 20) =>
  findJsonFault(JSON.parse(json) as object, '/payload', maxDepth);

describe('findJsonFault', () => {
  it.each([
    ['{}'],
    ['{"a":null,"b":[true,false,0,-0,1.5,"",{}]}'],
    ['{"$set":{"a.b":1},"":{"":[]}}'],
    ['{"a":"\\ud83d\\ude42","\\ud83d\\ude42":1}'],
    ['{"$ref":"a"}'],
    ['{"$id":1}'],
    ['{"$ref":1,"$id":1}'],
    ['{"constructor":{"prototype":{}},"toString":"x"}'],
  ])('finds no fault in %s', (json) => {
    expect(faultIn(json)).toBeUndefined();
  });

  it.each([
    ['{"a":"x\\u0000"}', '/payload/a', /NUL/],
    ['{"a":[0,"\\ud800"]}', '/payload/a/1', /surrogate/],
    ['{"a":{"b\\u0000c":1}}', '/payload/a/b\0c', /NUL/],
    ['{"a":{"b":1e999}}', '/payload/a/b', /range/],
    ['{"a":[{"__proto__":{}}]}', '/payload/a/0/__proto__', /__proto__/],
    ['{"a":{"_bsontype":"Long"}}', '/payload/a/_bsontype', /_bsontype/],
    ['{"a":{"$id":0,"$ref":"b"}}', '/payload/a', /\$ref/],
    ['{"a/b":{"~":"\\u0000"}}', '/payload/a~1b/~0', /NUL/],
    ['{"fine":1,"first":"\\u0000","second":"\\u0000"}', '/payload/first', /NUL/],
  ])('finds the fault in %s', (json, pointer, reason) => {
    expect(faultIn(json)).toEqual({ pointer, reason: expect.stringMatching(reason) });
  });

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
