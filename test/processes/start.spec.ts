import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runToExit, startProcess, type Environment } from '../support/processes.js';

const CONFIG_ERROR = 78;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'css-start-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Expects the start to end with sentences for people, and nothing of how the program is made. */
async function expectRefusal(environment: Environment, ...sentences: RegExp[]): Promise<void> {
  const { code, output } = await runToExit({ DATA_DIR: directory, ...environment }, directory);

  for (const sentence of sentences) expect(output).toMatch(sentence);
  expect(output).not.toContain('"level":"error"');
  expect(output).not.toMatch(/^\s+at /m);
  expect(output).not.toContain('Listening');
  expect(code).toBe(CONFIG_ERROR);
}

describe('a start that can’t be', () => {
  it('names every variable that can’t be used', async () => {
    const wrong = { PORT: 'eighty', LOG_LEVEL: 'loud', MONGODB_URI: 'localhost' };

    const sentences = Object.keys(wrong).map((name) => new RegExp(`^${name} must .*\\.$`, 'm'));
    await expectRefusal(wrong, ...sentences);
  });

  it('names the process that uses the data directory', async () => {
    const owner = await startProcess({ DATA_DIR: directory });
    try {
      await expectRefusal({}, new RegExp(`${directory}.*\\b${owner.pid}\\b`));
      expect((await owner.client.send({ path: '/health/ready' })).status).toBe(200);
    } finally {
      await owner.stop();
    }
  });

  it('names the data directory where it is a file', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');

    await expectRefusal({ DATA_DIR: file }, new RegExp(file));
  });

  it('names the data directory where it holds something else, and leaves that alone', async () => {
    writeFileSync(join(directory, 'thesis.txt'), 'years of work');

    await expectRefusal({}, new RegExp(`${directory}.*thesis\\.txt`));
  });

  it('names a .env that is no file', async () => {
    mkdirSync(join(directory, '.env'));

    await expectRefusal({ DATA_DIR: join(directory, 'data') }, /^\.env can't be read .*\.$/m);
  });

  it('names a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await expectRefusal(
        { PORT: String(port) },
        /^The service can't listen there .*EADDRINUSE.* PORT or HOST/m,
      );
    } finally {
      server.close();
    }
  });

  it.each(['203.0.113.1', 'nowhere.invalid'])('says that it can’t listen on HOST=%s', async (HOST) => {
    await expectRefusal({ HOST }, /^The service can't listen there .* PORT or HOST/m);
  });
});
