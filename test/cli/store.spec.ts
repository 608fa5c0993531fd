import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { runCommand, startCommand } from './command.js';

const { MongoClient } = mongoose.mongo;
const STARTED = /^The store in (.+) listens on (mongodb:\S+)$/m;

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'standalone-'));
});
afterEach(() => {
  rmSync(path, { recursive: true, force: true });
});

describe('npm run store', () => {
  it('serves a driver, has the directory to itself, and stops on a signal', async () => {
    const store = startCommand('store', '--port', '0', '--path', path);
    const [, directory = '', uri = ''] = await store.wrote(STARTED);
    expect(directory).toBe(path);
    expect(uri).toMatch(/^mongodb:\/\/127\.0\.0\.1:\d+\/\?directConnection=true$/);

    const client = await new MongoClient(uri).connect();
    const things = client.db('test').collection('things');
    await things.insertMany([{ n: 1 }, { n: 2 }]);
    expect(await things.estimatedDocumentCount()).toBe(2);
    const second = await runCommand('store', '--port', '0', '--path', path);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toBe(
      `The data directory ${path} is already in use by the process with pid ${store.pid} on ${hostname()}.\n`,
    );

    store.signal('SIGTERM');
    expect(await store.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    await client.close();
    const again = startCommand('store', '--port', '0', '--path', path);
    const [, , newUri = ''] = await again.wrote(STARTED);
    const reader = await new MongoClient(newUri).connect();
    expect(await reader.db('test').collection('things').estimatedDocumentCount()).toBe(2);
    await reader.close();
    again.signal('SIGINT');
    expect(await again.ended).toMatchObject({ code: 0 });
  });

  it('reports a port that is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const refused = await runCommand('store', '--port', String(port), '--path', path);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(new RegExp(`^The store in .* EADDRINUSE.*127\\.0\\.0\\.1:${port}\\.\n$`));
    await new Promise((resolve) => server.close(resolve));
  });

  it('reports what is no port', async () => {
    const refused = await runCommand('store', '--port', '70000', '--path', path);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^The store in .* could not be opened: .*port.*70000.*\n$/);
  });

  it.concurrent.each([
    [['--path='], '--path needs a value.'],
    [['--prot', '1'], "Unknown option '--prot'"],
  ])('reports the fault of %j, and shows the usage', async (args, sentence) => {
    const { code, stdout, stderr } = await runCommand('store', ...args);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\n\nUsage: npm run store -- /);
    expect(stderr.startsWith(sentence)).toBe(true);
  });
});
