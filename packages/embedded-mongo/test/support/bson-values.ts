import fc from 'fast-check';
import mongoose from 'mongoose';
import { anyText } from '../../../../test/support/any-text.js';

const { Binary, Decimal128, Double, Int32, Long, ObjectId } = mongoose.mongo;

/** Doubles, longs and decimals near values at which a double can't represent their difference. */
const edges = [0n, 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 53n) - 1n, 10n ** 18n];

const int = fc
  .oneof(fc.integer(), fc.constantFrom(0, 1, -1, 100, 2147483647, -2147483648))
  .map((n) => new Int32(n));
const long = fc
  .oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.constantFrom(...edges))
  .map((n) => Long.fromBigInt(n));
const double = fc
  .oneof(fc.double(), fc.constantFrom(...edges.map(Number), 0.1, 1.5, -0, 5e-324, 1.7976931348623157e308))
  .map((n) => new Double(n));
const decimal = fc
  .oneof(
    fc
      .tuple(fc.bigInt(-(10n ** 33n), 10n ** 33n), fc.integer({ min: -6100, max: 6000 }))
      .map(([n, e]) => `${n}E${e}`),
    fc.tuple(fc.integer(), fc.integer({ min: -3, max: 3 })).map(([n, e]) => `${n}E${e}`),
    fc.constantFrom(
      ...edges.map(String),
      '0.1',
      '1.5',
      '-0',
      'NaN',
      'Infinity',
      '-Infinity',
      '1E-6176',
      '5E-324',
    ),
  )
  .map((text) => Decimal128.fromString(text));

const text = fc.oneof(
  anyText({ maxLength: 8 }).filter((s) => s.isWellFormed()),
  fc.string({ unit: fc.constantFrom('\0', 'a', 'b', '\u00ff', '\uffff', '\u{10ffff}'), maxLength: 5 }),
);
const name = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '_'), minLength: 1, maxLength: 3 });

const scalar = fc.oneof(
  int,
  long,
  double,
  decimal,
  text,
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((id) => new ObjectId(id)),
  fc
    .tuple(fc.uint8Array({ maxLength: 6 }), fc.constantFrom(0, 4, 5, 128))
    .map(([bytes, sub]) => new Binary(bytes, sub)),
);

const { value, field } = fc.letrec<{ value: unknown; field: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    tie('field'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  field: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

/** Values of every supported type, including numbers that are hard to distinguish. */
export const bsonValue: fc.Arbitrary<unknown> = value;

/** Values that an index supports: all but arrays, which may be inside documents. */
export const indexedValue: fc.Arbitrary<unknown> = field;

export const bsonNumber: fc.Arbitrary<unknown> = fc.oneof(int, long, double, decimal);
