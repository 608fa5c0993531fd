import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { faultOfTime, parseQueryTime, parseTime } from './times.js';

const FIRST = new Date('0000-01-01T00:00:00.000Z');
const LAST = new Date('9999-12-31T23:59:59.999Z');

describe('parseTime', () => {
  it('reads a moment at any offset as the same moment', () => {
    const offset = fc.integer({ min: -(24 * 60 - 1), max: 24 * 60 - 1 });
    // A day away from either limit, so that the local time also has a year of four digits.
    const inner = fc.date({
      min: new Date(FIRST.getTime() + 86_400_000),
      max: new Date(LAST.getTime() - 86_400_000),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(inner, offset, (date, minutes) => {
        const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
        const written = `${minutes < 0 ? '-' : '+'}${pad(hours)}:${pad(rest)}`;

        expect(parseTime(local + written)).toEqual(date);
      }),
    );
  });

  it('reads every moment from 1973 to 5138 in seconds, in milliseconds and as text as the same', () => {
    const either = fc.integer({ min: 1e11, max: 1e14 - 1 });
    fc.assert(
      fc.property(either, (ms) => {
        const date = new Date(ms);
        expect(parseTime(ms)).toEqual(date);
        expect(parseTime(ms / 1000)).toEqual(date);
        expect(parseTime(JSON.parse(`${Math.floor(ms / 1000)}.${pad(ms % 1000, 3)}`))).toEqual(date);
        expect(parseTime(date.toISOString())).toEqual(date);
        for (const text of [ms, ms / 1000, date.toISOString()]) {
          expect(parseQueryTime(String(text))).toEqual(date);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['2026-03-01t12:00:00z', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01T12:00:00+0200', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01 12:00:00.5-0330', '2026-03-01T15:30:00.500Z'],
    [0, '1970-01-01T00:00:00.000Z'],
    [100_000_000_000, '1973-03-03T09:46:40.000Z'],
    [99_999_999_999_999, '5138-11-16T09:46:39.999Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59+23:59', '9999-12-31T00:00:59.000Z'],
  ])('reads %s as %s', (sent, iso) => {
    expect(parseTime(sent)?.toISOString()).toBe(iso);
  });

  it.each([
    '',
    '2026-03-01',
    '2026-03-01T12:00:00',
    '1772366400',
    -1,
    1e14,
    1772366400123456,
    ['2026-03-01T12:00:00Z'],
    '2026-03-01T12:00Z',
    '2026-03-01T24:00:00Z',
    '2016-12-31T23:59:60Z',
    '2026-03-01T12:00:00.1234567890Z',
    '2026-03-01T12:00:00+24:00',
    '2026-03-01T12:00:00+01:60',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
  ])('refuses %j', (sent) => {
    expect(parseTime(sent)).toBeUndefined();
  });
});

describe('parseQueryTime', () => {
  it.each([
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['1772366400123', '2026-03-01T12:00:00.123Z'],
    ['2026-03-01T12:00:00+02:00', '2026-03-01T10:00:00.000Z'],
  ])('reads %s as %s', (text, iso) => {
    expect(parseQueryTime(text)?.toISOString()).toBe(iso);
  });

  it.each(['', '2026-02-30', '-1', '1772366400123456', ['2026-03-01']])('refuses %j', (sent) => {
    expect(parseQueryTime(sent)).toBeUndefined();
  });
});

describe('faultOfTime', () => {
  it.each([
    ['2026-03-01T12:00:00', 'no offset'],
    ['2026-03-01T12:00:00 02:00', '%2B'],
    [1772366400123456, 'too large'],
    ['yesterday', 'RFC 3339'],
  ])('says of %j what to send', (sent, hint) => {
    expect(faultOfTime(sent, 'timestamp')).toContain(hint);
  });
});

function pad(number: number, digits = 2): string {
  return String(number).padStart(digits, '0');
}
