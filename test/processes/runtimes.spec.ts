import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStream } from '../support/event-stream.js';
import { onStore, startProcess } from '../support/processes.js';
import { anEvent, createSession } from '../support/samples.js';
import { makeStore, type TestStore } from '../support/store.js';

/** The Node.js releases to test, in addition to the oldest supported one; the image uses the last of them. */
const RELEASES = ['22', '24'];

/** How long the download of a binary may take; it stays in npm's cache. */
const FETCH_MS = 60_000;

/**
 * If the binary is in npm's cache, nothing is requested. The package's install script downloads the platform's binary.
 */
const NPX = ['--yes', '--prefer-offline', '--fetch-retries=0', '--ignore-scripts=false'];

/** The path of a Node.js release, from npm's `node` package; undefined if it is not available. */
async function nodeOf(release: string): Promise<string | undefined> {
  const command = [...NPX, '--package', `node@${release}`, '--', 'node', '-p', 'process.execPath'];
  try {
    return (await promisify(execFile)('npx', command, { timeout: FETCH_MS })).stdout.trim();
  } catch {
    console.log(`Node.js ${release} is skipped: it is not in npm's cache, and the registry does not answer`);
    return undefined;
  }
}

const binaries = await Promise.all(RELEASES.map(nodeOf));

let store: TestStore;
beforeAll(async () => {
  store = await makeStore();
});
afterAll(() => store.remove());

for (const [index, release] of RELEASES.entries()) {
  const node = binaries[index];
  (node === undefined ? describe.skip : describe)(`Node.js ${release}`, () => {
    it('runs the built service without warnings', async () => {
      const service = await startProcess(onStore(store), { node });
      const { client } = service;
      const sessionId = await createSession(client);
      const stream = await openStream(client.origin, sessionId);
      const event = anEvent();
      const appended = [await client.append(sessionId, event), await client.append(sessionId, event)];
      const completed = await client.complete(sessionId);
      const endedCleanly = await stream.ended();
      const read = await client.read(sessionId);
      const { text: metrics } = await client.send({ path: '/metrics' });
      const exit = await service.stop();

      expect(metrics).toContain(`nodejs_version_info{version="v${release}.`);
      expect(appended.map(({ status }) => status)).toEqual([201, 200]);
      expect(completed).toMatchObject({ status: 200, body: { status: 'completed', finalSequence: 1 } });
      expect([stream.sequences(), stream.blocks.at(-1)?.event, endedCleanly]).toEqual([[1], 'session', true]);
      expect(read.body).toMatchObject({ status: 'completed', events: [{ ...event, late: false }] });
      expect(exit).toMatchObject({ code: 0, output: expect.not.stringContaining('Warning') });
    });
  });
}
