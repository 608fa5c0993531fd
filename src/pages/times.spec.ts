import { describe, expect, it } from '@jest/globals';
import { clockOf, dayOf, offsetIn, span } from './times.js';

const START = new Date('2026-03-01T23:59:30.900Z');
const after = (seconds: number) => new Date(START.getTime() + seconds * 1000);

describe('times', () => {
  it.each([
    [0, '0:00'],
    [5.9, '0:05'],
    [65, '1:05'],
    [3725, '1:02:05'],
    [-2.5, '−0:02'],
    [-0.4, '0:00'],
  ])('a span of %d s is %s', (seconds, text) => {
    expect(span(START, after(seconds))).toBe(text);
  });

  it('has no offset from a start that is a day or more away', () => {
    expect(offsetIn(START, after(86_399))).toBe('23:59:59');
    expect(offsetIn(START, after(86_400))).toBeUndefined();
    expect(offsetIn(START, after(-86_400))).toBeUndefined();
  });

  it('tells day and time in UTC, whatever the zone of the process', () => {
    expect([dayOf(START), clockOf(START)]).toEqual(['Sunday 1 March 2026', '23:59:30']);
  });
});
