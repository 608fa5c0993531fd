import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { onStore, startProcess, type ServiceProcess } from '../support/processes.js';
import { makeStore, type TestStore } from '../support/store.js';
import { comparable } from './answer.js';
import { commandBlocks } from './markdown.js';
import { freePorts } from '../support/ports.js';
import { Shell } from './shell.js';

/** The blocks that a reader runs against a service: of the README, its requests. */
const PAGES = [
  ['README.md', commandBlocks('README.md').filter(({ commands }) => commands.startsWith('curl '))],
  ['API-TESTING.md', commandBlocks('API-TESTING.md')],
] as const;

describe.each(PAGES)('each command of %s answers what the page says', (_page, blocks) => {
  const all = blocks.map(({ commands }) => commands).join('\n');
  let store: TestStore;
  let service: ServiceProcess;
  let directory: string;
  let shell: Shell;
  /** Text of the page and its replacement here: free ports, and a directory of its own. */
  let replacements: [string, string][];

  beforeAll(async () => {
    store = await makeStore();
    directory = mkdtempSync(join(tmpdir(), 'css-docs-'));
    service = await startProcess(onStore(store));
    const ports = await freePorts(3);
    replacements = [
      ['localhost:3000', new URL(service.client.origin).host],
      ...ports.map((port, index): [string, string] => [['3001', '3002', '27018'][index] ?? '', port]),
      ['/tmp/', `${directory}/`],
    ];
    // An empty variable counts as not set, and takes precedence over a developer's `.env`.
    shell = new Shell(join(directory, 'home'), { MONGODB_URI: '', STORE_TIMEOUT_MS: '20000' });
  });
  afterAll(async () => {
    await shell.close();
    await service.stop();
    await store.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(blocks)('$at', async ({ at, commands, answer }) => {
    const here = replacements.reduce((text, [there, instead]) => text.replaceAll(there, instead), commands);
    const { output, errors, exitCode } = await shell.run(here);

    expect({ at, exitCode, errors: exitCode === 0 ? '' : errors }).toEqual({ at, exitCode: 0, errors: '' });
    if (!answer) return;
    const [documented, answered] = comparable(answer, output, all);
    expect(answered).toBe(documented);
  });
});
