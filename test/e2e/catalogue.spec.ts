import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { errorCatalogue, type ErrorCode, type ErrorEntry } from '../../src/common/errors/error-catalogue.js';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const [reference = '', advice = ''] = page.split('## What to do about each');

/** The rows that the page's table should have, according to the catalogue. */
const rows = [
  ...reference.matchAll(/^\| (?<code>[A-Z_]+) +\| (?<status>\d+) +\| (?<meaning>.+?) +\|$/gm),
].map(({ groups }) => ({ ...groups }));
const entries = Object.entries(errorCatalogue) as [ErrorCode, ErrorEntry][];

describe('docs/errors.md', () => {
  it('lists exactly the errors of the catalogue, in the same order and words', () => {
    expect(rows).toEqual(
      entries.map(([code, { status, meaning }]) => ({ code, status: String(status), meaning })),
    );
  });

  it.each(entries)('says what to do about %s', (code) => {
    expect(advice).toContain(`\`${code}\``);
  });

  it('shows a body in the form of real errors', () => {
    const [, json = ''] = /```json\n([^]*?)```/.exec(page) ?? [];

    expect(Object.keys(JSON.parse(json) as object)).toEqual([
      'statusCode',
      'error',
      'code',
      'message',
      'details',
      'path',
      'method',
      'timestamp',
      'requestId',
    ]);
  });
});
