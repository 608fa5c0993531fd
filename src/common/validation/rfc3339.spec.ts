import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseRfc3339 } from './rfc3339.js';

const FIRST = new Date('0000-01-01T00:00:00.000Z');
const LAST = new Date('9999-12-31T23:59:59.999Z');
const moment = fc.date({ min: FIRST, max: LAST, noInvalidDate: true });

describe('parseRfc3339', () => {
  it('reads what Date writes', () => {
    fc.assert(
      fc.property(moment, (date) => {
        expect(parseRfc3339(date.toISOString())).toEqual(date);
      }),
    );
  });

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

        expect(parseRfc3339(local + written)).toEqual(date);
      }),
    );
  });

  it('takes exactly the days that the calendar has', () => {
    const wrong: string[] = [];
    for (const year of ['1900', '2000', '2023', '2024', '2100']) {
      for (let month = 1; month <= 12; month++) {
        const days = new Date(Date.UTC(Number(year), month, 0)).getUTCDate();
        for (let day = 0; day <= 32; day++) {
          const text = `${year}-${pad(month)}-${pad(day)}T00:00:00Z`;
          if ((parseRfc3339(text) !== undefined) !== (day >= 1 && day <= days)) wrong.push(text);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['2026-03-01T12:00:00.1Z', '2026-03-01T12:00:00.100Z'],
    ['2026-03-01T12:00:00.123999999Z', '2026-03-01T12:00:00.123Z'],
    ['2026-03-01t12:00:00z', '2026-03-01T12:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['0099-12-31T23:59:59Z', '0099-12-31T23:59:59.000Z'],
    ['0000-02-29T00:00:00Z', '0000-02-29T00:00:00.000Z'],
    ['9999-12-31T23:59:59+23:59', '9999-12-31T00:00:59.000Z'],
  ])('reads %s as %s', (text, iso) => {
    expect(parseRfc3339(text)?.toISOString()).toBe(iso);
  });

  it.each([
    '',
    '2026-03-01',
    '2026-03-01T12:00:00',
    '2026-03-01 12:00:00Z',
    ' 2026-03-01T12:00:00Z',
    '2026-03-01T12:00:00Z\n',
    '2026-3-1T12:00:00Z',
    '26-03-01T12:00:00Z',
    '2026-03-01T12:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T12:60:00Z',
    '2016-12-31T23:59:60Z',
    '2026-03-01T12:00:00,5Z',
    '2026-03-01T12:00:00.Z',
    '2026-03-01T12:00:00.1234567890Z',
    '2026-03-01T12:00:00+1:00',
    '2026-03-01T12:00:00+24:00',
    '2026-03-01T12:00:00+01:60',
    '2026-03-01T12:00:00Z+01:00',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '２０２６-03-01T12:00:00Z',
  ])('refuses %j', (text) => {
    expect(parseRfc3339(text)).toBeUndefined();
  });
});

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
