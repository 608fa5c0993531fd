import fc from 'fast-check';
import mongoose from 'mongoose';

const { Binary, Double, Int32, Long, ObjectId } = mongoose.mongo;

/** Doubles and longs near values at which a double can't represent their difference. */
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
const codePoint = fc
  .nat(0x10ffff)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));

const text = fc.oneof(
  fc.string({ unit: codePoint, maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('\0', 'a', 'b', '\u00ff', '\uffff', '\u{10ffff}'), maxLength: 5 }),
);
const name = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '_'), minLength: 1, maxLength: 3 });

const scalar = fc.oneof(
  int,
  long,
  double,
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

export const bsonNumber: fc.Arbitrary<unknown> = fc.oneof(int, long, double);
