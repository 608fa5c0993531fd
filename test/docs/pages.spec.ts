import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { anchorsOf, localLinks, pages, readPage, ROOT } from './markdown.js';

const all = pages();
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };

describe.each(all)('%s', (page) => {
  const text = readPage(page);

  it('names only npm scripts that exist', () => {
    const named = text.matchAll(/\bnpm (?:run (?:--silent )?([a-z][\w:-]*)|(test|start)\b)/g);
    const names = [...named].map(([, script, known]) => script ?? known ?? '');
    expect(names.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('links only to places that exist', () => {
    expect(localLinks(page).filter((target) => !leadsSomewhere(page, target))).toEqual([]);
  });
});

function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || anchorsOf(file).includes(anchor);
}
