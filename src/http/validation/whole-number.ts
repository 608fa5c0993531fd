/** Reads a decimal whole number of a query parameter; anything else stays as it is, for a validator to refuse. */
export function toWholeNumber({ value }: { value: unknown }): unknown {
  return typeof value === 'string' && /^(\d{1,15}|-[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
}
