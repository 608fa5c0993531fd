import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { EmbeddedMongo } from 'embedded-mongo';
import { runToExit, startProcess, type Environment } from '../support/processes.js';

const CONFIG_ERROR = 78;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'css-start-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Runs the service to its end. Its lines of JSON are shown by their messages. */
async function runInWords(...parameters: Parameters<typeof runToExit>) {
  const { code, output } = await runToExit(...parameters);
  const words = output.replace(/^\{.*\}$/gm, (line) =>
    String((JSON.parse(line) as { message: unknown }).message),
  );
  return { code, output: words, isJson: words !== output };
}

/** Expects the start to fail with readable messages, and nothing about the program's internals. @returns the output. */
async function expectRefusal(environment: Environment, ...sentences: RegExp[]): Promise<string> {
  const { code, output, isJson } = await runInWords(
    { DATA_DIR: directory, ...environment },
    { cwd: directory },
  );

  for (const sentence of sentences) expect(output).toMatch(sentence);
  expect(output).not.toContain('"level":"error"');
  expect(output).not.toMatch(/^\s+at /m);
  expect(output).not.toContain('Listening');
  expect(isJson).toBe(true);
  expect(code).toBe(CONFIG_ERROR);
  return output;
}

describe('a start that must fail', () => {
  it('names every invalid variable', async () => {
    const wrong = { PORT: 'eighty', LOG_LEVEL: 'loud', MONGODB_URI: 'localhost' };

    const sentences = Object.keys(wrong).map((name) => new RegExp(`^${name} must .*\\.$`, 'm'));
    await expectRefusal(wrong, ...sentences);
  });

  it('names the process that uses the data directory', async () => {
    const path = join(directory, 'data');
    const owner = await EmbeddedMongo.open({ path });
    try {
      await expectRefusal({ DATA_DIR: path }, new RegExp(`${path}.*\\b${process.pid}\\b`));
      const connection = await mongoose.createConnection(owner.uri).asPromise();
      expect((await connection.collection('any').find().toArray()).length).toBe(0);
      await connection.close();
    } finally {
      await owner.close();
    }
  });

  it('names the data directory if it holds something else, and leaves that alone', async () => {
    writeFileSync(join(directory, 'thesis.txt'), 'years of work');

    await expectRefusal({}, new RegExp(`${directory}.*thesis\\.txt`));
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
});

describe('a store that refuses the service', () => {
  it('stops the start after five time-outs, with a message that shows no password', async () => {
    // The embedded store has no users, so it refuses every login.
    const store = await EmbeddedMongo.open({
      path: join(directory, 'store'),
      listen: { host: '127.0.0.1', port: 0 },
    });
    try {
      const { code, output } = await runInWords({
        MONGODB_URI: store.uri.replace('mongodb://', 'mongodb://user:QXZ123@'),
        STORE_TIMEOUT_MS: '200',
      });

      expect(output).toMatch(/^The store refuses what the service asks of it .* Mend MONGODB_URI/m);
      expect(output).toContain('Listening'); // it could have been temporary
      expect(output).not.toContain('QXZ123');
      expect(output).not.toMatch(/^\s+at /m);
      expect(code).toBe(CONFIG_ERROR);
    } finally {
      await store.close();
    }
  });

  it('whose documents prevent a unique index stops the start with one line, which names the index and the values', async () => {
    const store = await EmbeddedMongo.open({
      path: join(directory, 'store'),
      listen: { host: '127.0.0.1', port: 0 },
    });
    try {
      const connection = await mongoose.createConnection(store.uri, { dbName: 'conversations' }).asPromise();
      const twins = ['a', 'b'].map((eventId) => ({ sessionId: 's', eventId, sequence: 7 }));
      await connection.collection('events').insertMany(twins);
      await connection.close();

      const { code, output } = await runInWords({ MONGODB_URI: store.uri });
      expect(output.match(/event_by_sequence .*sequence: 7 .* Remove all but one/g)).toHaveLength(1);
      expect(code).toBe(CONFIG_ERROR);
    } finally {
      await store.close();
    }
  });

  it('is waited for if it is unreachable, whatever its name', async () => {
    const service = await startProcess({
      MONGODB_URI: 'mongodb+srv://user:QXZ123@nowhere.invalid/db',
      STORE_TIMEOUT_MS: '200',
    });
    await service.wrote(/The store is away/);

    expect((await service.client.send({ path: '/health/ready' })).status).toBe(503);
    const { code, output } = await service.stop();
    expect(code).toBe(0);
    expect(output).not.toContain('QXZ123');
  });
});
