/** A whole number with separators. */
export const number = (value) => Math.round(value).toLocaleString('en');

/** A measured value, or a dash if there is none. */
export const figure = (value, digits = 0) =>
  Number.isFinite(value)
    ? value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    : '–';

/** A Markdown table: the first column is aligned left, the others right. */
export function table(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)];
}
