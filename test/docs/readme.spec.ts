import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/load-config.js';
import { OpenApiContract, type OpenApi } from '../support/openapi-contract.js';
import { onStore } from '../support/processes.js';
import { makeSharedStore, type SharedStore } from '../support/shared-store.js';
import { makeStore, type TestStore } from '../support/store.js';
import { DocumentedAnswers } from './answer.js';
import { readAllHttp } from './http-text.js';
import { commandBlocks, readPage, type CommandBlock } from './markdown.js';
import { NOT_RUN } from './not-run.js';
import { freePorts } from '../support/ports.js';
import { Shell } from './shell.js';

const PAGE = 'README.md';
const listed = NOT_RUN.map(({ commands }) => commands.trim());
const all = commandBlocks(PAGE);
const blocks = all.filter(({ commands }) => !listed.includes(commands));

/** The page's commands for starting the service: on the embedded store and, one line each, on a MongoDB. */
const [start, ...startsOnMongodb] = all
  .flatMap(({ commands }) => commands.split('\n'))
  .filter((line) => line.endsWith('npm start'));

let store: TestStore;
let sharedStore: SharedStore;
let directory: string;
let shell: Shell;
let ports: string[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'css-readme-'));
  [store, sharedStore, ports] = await Promise.all([makeStore(), makeSharedStore(), freePorts(2)]);
  // An empty variable counts as not set, and takes precedence over a developer's `.env`.
  shell = new Shell(directory, { MONGODB_URI: '', STORE_TIMEOUT_MS: '20000', ...onStore(store) });
  await shell.run(untilReady(start, ports[0]));
});
afterAll(async () => {
  await shell.close();
  await store.remove();
  await sharedStore.remove();
  rmSync(directory, { recursive: true, force: true });
});

/** Starts the service in the background, and waits until it is ready or has exited. */
function untilReady(command = 'exit', port = ''): string {
  const isReady = `curl -f -o /dev/null http://localhost:${port}/health/ready`;
  return `PORT=${port} ${command} & until ${isReady}; do kill -0 $! || return 1; sleep 0.1; done`;
}

const here = (commands: string) => commands.replaceAll('localhost:3000', `localhost:${ports[0] ?? ''}`);

/** Runs a block, all of which must succeed. */
async function outputOf({ at, commands }: CommandBlock): Promise<string> {
  if (!commands.startsWith('curl ')) throw new Error(`${at} is neither a request nor listed in not-run.ts`);
  const { output, errors, exitCode } = await shell.run(here(commands));
  expect({ at, exitCode, errors: exitCode === 0 ? '' : errors }).toEqual({ at, exitCode: 0, errors: '' });
  return output;
}

const pathsOf = (commands: string) => commands.match(/(?<=localhost:3000)\/[\w/-]+/g) ?? [];

/** The status that the page's table gives for the first time of a write. */
function statusOf(path: string): string {
  const rows = readPage(PAGE).matchAll(/^\| `POST (\/[^`]+)` \| \*\*(\d+)\*\*/gm);
  const row = [...rows].find(([, route = '']) =>
    new RegExp(`^${route.replace(/:\w+/, '[^/]+')}$`).test(path),
  );
  return row?.[2] ?? `no row for ${path}`;
}

describe(`${PAGE}: each command, in its order`, () => {
  const answers = new DocumentedAnswers(blocks.map(({ commands }) => commands));
  const contract = new OpenApiContract(JSON.parse(readPage('docs/openapi.json')) as OpenApi);

  it.each(blocks)('$at', async (block) => {
    const output = await outputOf(block);

    const { documented, answered } = block.answer
      ? answers.compare(block.answer, output)
      : { documented: pathsOf(block.commands).map(statusOf), answered: firstTimes(block, output) };
    expect({ at: block.at, answer: answered }).toEqual({ at: block.at, answer: documented });
  });

  /** The statuses of first writes, whose answers must match OpenAPI. */
  function firstTimes({ commands }: CommandBlock, output: string): string[] {
    return readAllHttp(output).map(({ statusLine, headers, body }, index) => {
      const [, status = ''] = statusLine.split(' ');
      const answer = { status: Number(status), headers: Object.fromEntries(headers), text: body };
      contract.expectValid('POST', pathsOf(commands)[index] ?? '', {
        ...answer,
        body: JSON.parse(body) as unknown,
      });
      return headers.has('idempotent-replayed') ? `${status}, replayed` : status;
    });
  }
});

describe(`${PAGE}: “send any of these again”`, () => {
  it.each(blocks.filter(({ answer }) => !answer))('$at', async (block) => {
    const again = readAllHttp(await outputOf(block)).map(({ statusLine, headers }) => ({
      statusLine,
      replayed: headers.get('idempotent-replayed'),
      mismatch: headers.get('idempotent-mismatch'),
    }));

    const replay = { statusLine: 'HTTP/1.1 200 OK', replayed: 'true', mismatch: undefined };
    expect(again).toEqual(pathsOf(block.commands).map(() => replay));
  });
});

describe(`${PAGE}: on a MongoDB`, () => {
  const uriOf = (command: string) => /^MONGODB_URI='([^']+)' /.exec(command)?.[1];

  it.each(startsOnMongodb)('%s: is taken by the configuration', (command) => {
    expect(loadConfig({ MONGODB_URI: uriOf(command) }).config.mongodbUri).toBe(uriOf(command));
  });

  it('the service starts as it does on the embedded store, and finds an empty database', async () => {
    const [command = ''] = startsOnMongodb;
    const onServer = command.replace(uriOf(command) ?? '', sharedStore.mongodbUri);
    expect(onServer).not.toBe(command);
    await shell.run(untilReady(onServer, ports[1]));

    const session = `http://localhost:${ports[1] ?? ''}/sessions/call-1`;
    expect(await shell.run(`curl -w '%{http_code}' -o /dev/null ${session}`)).toMatchObject({
      output: '404',
    });
  });
});
