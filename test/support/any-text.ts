import fc from 'fast-check';

/** Any code point, half a surrogate pair too. */
const codePoint = fc.nat(0x10ffff).map(
  (code) => String.fromCodePoint(code),
  (character) => {
    if (typeof character !== 'string' || [...character].length !== 1) throw new Error('Not one code point');
    return character.codePointAt(0) ?? 0;
  },
);

/**
 * Texts of any code points. So are those of fast-check's unit "binary", which first makes a map of all 1,114,112: that takes a
 * second.
 */
export function anyText(constraints: { maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ unit: codePoint, ...constraints });
}
