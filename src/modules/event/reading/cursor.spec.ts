import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeCursor, encodeCursor, type Cursor } from './cursor.js';
import { InvalidCursorError } from '../../../common/http/cursor.js';
import { EVENT_ORDERS, EVENT_SORTS } from './event-query.js';
import { EVENT_TYPES } from '../event-type.js';

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const moment = fc.date({ noInvalidDate: true });
const visible = fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code));

const cursors: fc.Arbitrary<Cursor> = fc.record({
  sessionId: fc.string({ unit: visible, minLength: 1, maxLength: 128 }),
  selection: fc.record({
    sort: fc.constantFrom(...EVENT_SORTS),
    order: fc.constantFrom(...EVENT_ORDERS),
    filter: fc.record({
      type: maybe(fc.subarray([...EVENT_TYPES], { minLength: 1, maxLength: 2 })),
      from: maybe(moment),
      to: maybe(moment),
      afterSequence: maybe(fc.nat()),
    }),
  }),
  after: fc.record({ timestamp: moment, sequence: fc.integer({ min: 1 }) }),
});

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('a cursor', () => {
  it('can be read back, and is safe in a URL', () => {
    fc.assert(
      fc.property(cursors, (cursor) => {
        const text = encodeCursor(cursor);

        expect(text).toMatch(/^[\w-]+$/);
        expect(decodeCursor(text)).toEqual(cursor);
      }),
    );
  });

  it('is refused with any one character changed', () => {
    fc.assert(
      fc.property(
        cursors,
        fc.nat(),
        fc.constantFrom(...ALPHABET, '=', '+', '/', ' ', '\0'),
        (cursor, at, other) => {
          const text = encodeCursor(cursor);
          const position = at % text.length;
          fc.pre(text[position] !== other);

          expect(() => decodeCursor(text.slice(0, position) + other + text.slice(position + 1))).toThrow(
            InvalidCursorError,
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is refused with every other character in every place of one of them', () => {
    const text = encodeCursor({
      sessionId: 'call-1',
      selection: { sort: 'timestamp', order: 'asc', filter: {} },
      after: { timestamp: new Date(0), sequence: 1 },
    });

    const accepted: string[] = [];
    for (let position = 0; position < text.length; position++) {
      for (const other of ALPHABET) {
        if (other === text[position]) continue;
        const altered = text.slice(0, position) + other + text.slice(position + 1);
        try {
          decodeCursor(altered);
          accepted.push(altered);
        } catch (error) {
          if (!(error instanceof InvalidCursorError)) throw error;
        }
      }
    }
    expect(accepted).toEqual([]);
  });

  it('is refused where it is any other text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        expect(() => decodeCursor(text)).toThrow(InvalidCursorError);
      }),
    );
  });
});
