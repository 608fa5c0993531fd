import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { errorCatalogue, type ErrorCode, type ErrorEntry } from '../../src/common/errors/error-catalogue.js';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
/** The rows that the page's table should have, according to the catalogue. */
const rows = [...page.matchAll(/^\| (?<code>[A-Z_]+) +\| (?<status>\d+) +\| (?<meaning>.+?) +\|$/gm)].map(
  ({ groups }) => ({ ...groups }),
);
const entries = Object.entries(errorCatalogue) as [ErrorCode, ErrorEntry][];

describe('docs/errors.md', () => {
  it('lists exactly the errors of the catalogue, in the same order and words', () => {
    expect(rows).toEqual(
      entries.map(([code, { status, meaning }]) => ({ code, status: String(status), meaning })),
    );
  });
});
