import { describe, expect, it } from '@jest/globals';
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
});
