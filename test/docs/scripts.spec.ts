import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { ROOT } from './markdown.js';
import { makeSharedStore } from '../support/shared-store.js';
import { withDatabase } from '../support/store.js';

const run = promisify(execFile);
const env = { PATH: process.env['PATH'], HOME: tmpdir(), NO_COLOR: '1' };
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

describe.each(['demo.sh', 'run-tests.sh', '.ci/run'])('%s', (script) => {
  it('is executable, can be parsed by bash, and calls a file that exists', async () => {
    accessSync(join(ROOT, script), constants.X_OK);
    await run('bash', ['-n', script], { cwd: ROOT });
    const [, target = 'nothing'] = /^exec .*?([\w-]+(?:\/[\w-]+)*\.(?:mjs|sh))/m.exec(read(script)) ?? [];
    expect(existsSync(join(ROOT, target))).toBe(true);
  });
});

describe('the tour of demo.sh', () => {
  const tour = (environment: object) => {
    const running = spawn(process.execPath, ['demo/tour.mjs'], {
      cwd: ROOT,
      env: { ...env, ...environment },
    });
    const written = { text: '' };
    running.stdout.setEncoding('utf8').on('data', (text: string) => (written.text += text));
    return { written, ended: once(running, 'exit') };
  };

  it('finds every response right in a database of its own, which is gone at the end', async () => {
    const store = await makeSharedStore();
    try {
      const { written, ended } = tour({ MONGODB_URI: store.mongodbUri });
      expect([await ended, written.text]).toEqual([[0, null], expect.stringContaining('All 12 steps')]);

      const [, database = ''] =
        /as MONGODB_URI says\n +database +(conversation_demo_\w+), which is dropped/.exec(written.text) ?? [];
      const uri = withDatabase(store.mongodbUri, database);
      const connection = await mongoose.createConnection(uri).asPromise();
      expect(await connection.collection('events').countDocuments()).toBe(0);
      await connection.close();
      const [, origin = ''] = /service +(http:\S+)/.exec(written.text) ?? [];
      await expect(fetch(origin)).rejects.toThrow('fetch failed');
    } finally {
      await store.remove();
    }
  });
});
