import fc from 'fast-check';

/** Keys that some layer between HTTP and the disk may give a meaning of its own, besides any others. */
const TELLING_KEYS = [
  '',
  '$x',
  '$set',
  '$ref',
  '$id',
  '$db',
  'a.b',
  '.',
  '0',
  '10',
  '9',
  '-1',
  '1e3',
  '4294967295',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'toJSON',
  'toBSON',
  'then',
  '_bsontype',
  '_id',
  'id',
  '__v',
  'length',
  'ünïcode',
  '🙂',
  '\ud800',
  'nul\0',
  '\u2028',
  '\ufeff',
];

/** Numbers at the edges of how JSON, JavaScript and BSON write them, as JSON text. */
const TELLING_NUMBERS = [
  '-0',
  '0.0',
  '1.0',
  '1e0',
  '2147483647',
  '2147483648',
  '-2147483649',
  '9007199254740991',
  '9007199254740993',
  '-9007199254740992',
  '9223372036854775807',
  '18446744073709551616',
  '0.1',
  '1e21',
  '5e-324',
  '1e-400',
  '1.7976931348623157e308',
  '1e999',
  '-1e999',
  '3.141592653589793238462643383279',
];

/** Any code point, half a surrogate pair too. */
const codePoint = fc.nat(0x10ffff).map((code) => String.fromCodePoint(code));

/**
 * Texts of any code points. So are those of fast-check's unit "binary", which first makes a map of all 1,114,112: that takes a
 * second.
 */
function anyText(constraints: { maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ unit: codePoint, ...constraints });
}

const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TELLING_KEYS) },
  { weight: 2, arbitrary: fc.string({ maxLength: 8 }) },
  { weight: 1, arbitrary: anyText({ maxLength: 8 }) },
);

const text = fc.oneof(
  fc.string(),
  anyText(),
  fc.constantFrom('\ud83d', '\udc00', 'a\0', 'ObjectId', '\u2029', '2026-03-01T12:00:00.000Z'),
);

const leaf = fc.oneof(
  text.map((value) => JSON.stringify(value)),
  fc.constantFrom('null', 'true', 'false', '{}', '[]', '[[]]', '{"":{}}'),
  fc.constantFrom(...TELLING_NUMBERS),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
);

/** The text of a JSON object with any keys and values; text, because objects in memory can't hold all of them. */
export const jsonObjectText: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 5 })
    .map((entries) => `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`),
})).object;
