import { describe, expect, it } from '@jest/globals';
import { readHandling } from './prefer-header.js';

describe('readHandling', () => {
  it.each([
    'handling=strict',
    'handling="strict"',
    'handling=strict; why=because',
    'wait=5, handling=strict',
    'handling=strict, handling=lenient',
    'note="a, \\"b", handling=strict',
  ])('reads strict from %s', (header) => {
    expect(readHandling(header)).toBe('strict');
  });

  it.each([
    undefined,
    'handling=lenient',
    'handling="strict',
    'xhandling=strict',
    'handling=lenient, handling=strict',
    'note="x, handling=strict, y"',
    'note="unclosed, handling=strict',
  ])('does not read strict from %s', (header) => {
    expect(readHandling(header)).not.toBe('strict');
  });

  it.each(['handling=lenient', 'Handling = "Lenient"; x', 'handling=lenient, handling=strict'])(
    'reads lenient from %s',
    (header) => {
      expect(readHandling(header)).toBe('lenient');
    },
  );

  it('is not slowed down by a hostile header', () => {
    expect(readHandling(`${'"\\'.repeat(8000)}, handling`)).toBeUndefined();
    expect(readHandling(`handling${' '.repeat(16_000)}x=strict`)).toBeUndefined();
  });
});
