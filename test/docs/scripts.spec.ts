import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { ROOT } from './markdown.js';
import { makeSharedStore } from '../support/shared-store.js';
import { withDatabase } from '../support/store.js';

const env = { PATH: process.env['PATH'], HOME: tmpdir(), NO_COLOR: '1' };

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
      expect(await connection.collection('events').estimatedDocumentCount()).toBe(0);
      await connection.close();
      const [, origin = ''] = /service +(http:\S+)/.exec(written.text) ?? [];
      await expect(fetch(origin)).rejects.toThrow('fetch failed');
    } finally {
      await store.remove();
    }
  });
});
