import { Decimal128 } from 'bson';
import { BsonType, type RawValue } from './elements.js';

/** A finite number without loss: (negative ? -1 : 1) × 0.DIGITS × 10^exponent, no zero at either end of the digits. */
export interface ExactNumber {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

export type NumberParts = ExactNumber | 'NaN' | '-Infinity' | '0' | 'Infinity';

/** Takes any of the four number types apart; equal values give equal parts whatever their type. */
export function numberParts({ type, bytes, start, end }: RawValue): NumberParts {
  switch (type) {
    case BsonType.int32:
      return ofInteger(bytes.readInt32LE(start));
    case BsonType.int64:
      return ofInteger(bytes.readBigInt64LE(start));
    case BsonType.double:
      return ofDouble(bytes.readDoubleLE(start));
    default:
      return ofDecimal(new Decimal128(Uint8Array.from(bytes.subarray(start, end))));
  }
}

function ofInteger(value: number | bigint, power = 0): NumberParts {
  const digits = String(value < 0 ? -value : value);
  if (digits === '0') return '0';
  return { negative: value < 0, digits: withoutTrailingZeros(digits), exponent: digits.length + power };
}

function ofDouble(value: number): NumberParts {
  if (Number.isSafeInteger(value)) return ofInteger(value);
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? '-Infinity' : 'Infinity';
  // value = mantissa × 2^power; with a negative power that is mantissa × 5^-power × 10^power.
  let mantissa = value;
  let power = 0;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    power--;
  }
  return ofInteger(BigInt(mantissa) * 5n ** BigInt(-power), power);
}

function ofDecimal(value: Decimal128): NumberParts {
  const match = /^(-?)(?:(NaN|Infinity)|(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?)$/.exec(value.toString());
  const [, sign = '', special, whole = '', fraction = '', power = '0'] = match ?? [];
  if (special === 'NaN') return 'NaN';
  if (special) return sign ? '-Infinity' : 'Infinity';
  return ofInteger(BigInt(`${sign}${whole}${fraction}`), Number(power) - fraction.length);
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48) end--;
  return end === digits.length ? digits : digits.slice(0, end);
}
