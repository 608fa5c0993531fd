// Reads the suite's data: one JSON file per theme.
import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('./cases/', import.meta.url);

/** All themes by name: `{ theme, url, cases }`. */
export function readThemes() {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const url = new URL(name, FOLDER);
      return { theme: name.slice(0, -'.json'.length), url, cases: JSON.parse(readFileSync(url, 'utf8')) };
    });
}

/** Why a case does not apply to this kind of store: a documented difference, or a missing feature. */
export function reasonToSkip(testCase, { name, isStandalone }) {
  if (testCase.standaloneOnly && !isStandalone) return 'only a standalone server answers this';
  return testCase.differsOn?.[name];
}
