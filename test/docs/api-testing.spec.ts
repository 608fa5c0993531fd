import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorCatalogue, type ErrorCode } from '../../src/common/errors/error-catalogue.js';
import { onStore, startProcess, type ServiceProcess } from '../support/processes.js';
import { makeStore, type TestStore } from '../support/store.js';
import { DocumentedAnswers } from './answer.js';
import { commandBlocks, ROOT } from './markdown.js';
import { freePorts } from '../support/ports.js';
import { Shell } from './shell.js';

const PAGE = 'API-TESTING.md';
const blocks = commandBlocks(PAGE);
const all = blocks.map(({ commands }) => commands);

/** How far an experiment gets before it kills the service differs between runs. */
const DIFFERING = /(?<=acknowledged: )\d+|(?<=there: )\d+/;
const answers = new DocumentedAnswers(all, DIFFERING);

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

/** The commands of the page, with the replacements. */
function here(commands: string): string {
  return replacements.reduce((text, [there, instead]) => text.replaceAll(there, instead), commands);
}

describe(`each command of ${PAGE} answers what the page says`, () => {
  it.each(blocks)('$at', async ({ at, commands, answer }) => {
    if (!answer) throw new Error(`${at}: the commands have no answer`);
    const { output, errors, exitCode } = await shell.run(here(commands));

    const { documented, answered } = answers.compare(answer, output);
    expect({ at, answer: answered, exitCode, errors: exitCode === 0 ? '' : errors }).toEqual({
      at,
      answer: documented,
      exitCode: 0,
      errors: '',
    });
  });
});

describe(`${PAGE} as a whole`, () => {
  const shown = blocks.map(({ answer }) => answer?.text ?? '').join('\n');

  /** Errors that can't be caused from outside. */
  const INWARD: Partial<Record<ErrorCode, string>> = {
    DUPLICATE_KEY: 'for a unique index that no request of the service is known to meet',
    INTERNAL: 'a fault of the service',
  };

  it.each(Object.keys(errorCatalogue) as ErrorCode[])('shows how to get %s, if that is possible', (code) => {
    const isShown = new RegExp(`"code": "${code}"|\\b${errorCatalogue[code].status} .*\\b${code}$`, 'm').test(
      shown,
    );
    expect(isShown).toBe(!(code in INWARD));
  });

  it('shows every endpoint', () => {
    const { paths } = JSON.parse(readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8')) as { paths: object };
    for (const path of Object.keys(paths)) {
      const inShell = path.replace(/[.]/g, '\\$&').replace(/\{\w+\}/g, '[^/\\s]+');
      expect(all.join('\n')).toMatch(
        new RegExp(`(?:localhost:3000|\\$api|post )${inShell}(?=[?'"\\s]|$)`, 'm'),
      );
    }
  });

  it('names only ports that are replaced here', () => {
    const ports = [...all.join('\n').matchAll(/(?:localhost:|127\.0\.0\.1:|PORT=|--port )(\d+)/g)];
    expect(new Set(ports.map(([, port]) => port))).toEqual(new Set(['3000', '3001', '3002', '27018']));
  });
});
