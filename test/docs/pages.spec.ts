import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { anchorsOf, commandBlocks, localLinks, pages, readPage, ROOT } from './markdown.js';
import { NOT_RUN } from './not-run.js';

const all = pages();
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };

/** Pages whose blocks are all run by another spec, except the listed ones. */
const RUN = ['API-TESTING.md', 'README.md'];

describe('every block of commands', () => {
  it('is run by a test, or listed with the reason why not', () => {
    const others = all.filter((page) => !RUN.includes(page)).flatMap((page) => commandBlocks(page));
    const listed = NOT_RUN.map(({ commands }) => commands.trim());

    expect(others.filter(({ commands }) => !listed.includes(commands)).map(({ at }) => at)).toEqual([]);
  });

  it.each(NOT_RUN)('that is listed is still there: $page, $why', ({ page, commands }) => {
    expect(commandBlocks(page).map((block) => block.commands)).toContain(commands.trim());
  });
});

describe('a setting', () => {
  const rowsOf = (page: string) =>
    [...readPage(page).matchAll(/^\| `([A-Z_]+)` \| (\S.*?) \|/gm)].map(([, name, value]) => [name, value]);
  const settings = rowsOf('docs/operations.md');

  it('of the README has the default that docs/operations.md says', () => {
    const shown = rowsOf('README.md');

    expect(shown.length).toBeGreaterThan(3);
    expect(settings).toEqual(expect.arrayContaining(shown));
  });

  it.each(settings)('is in .env.example: %s, %s', (name, value = '') => {
    const [, isDefault] = /^`(.*)`$/.exec(value) ?? [];

    expect(readPage('.env.example')).toMatch(new RegExp(`^#${String(name)}=${isDefault ?? ''}`, 'm'));
  });
});

describe.each(all)('%s', (page) => {
  const text = readPage(page);

  it('names only npm scripts that exist', () => {
    const named = [
      ...text.matchAll(
        /\bnpm (?:run )?(?:--silent )?(test(?::\w+)?|start(?::\w+)?|(?<=run (?:--silent )?)\w[\w:-]*)/g,
      ),
    ];
    expect(named.map(([, script]) => script).filter((script) => !(String(script) in scripts))).toEqual([]);
  });

  it('links only to places that exist', () => {
    expect(localLinks(page).filter((target) => !leadsSomewhere(page, target))).toEqual([]);
  });

  it('names only files and folders that exist', () => {
    const named = [
      ...text.matchAll(/(?<=[`\s])(?:\.\/)?((?:src|test|docs|demo|bench|scripts)\/[\w./-]*\w\/?)/g),
    ];
    const exists = (path: string) =>
      existsSync(join(ROOT, path)) || existsSync(join(ROOT, dirname(page), path));
    expect(named.map(([, path = '']) => path).filter((path) => !exists(path))).toEqual([]);
  });
});

function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || anchorsOf(file).includes(anchor);
}
