import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ErrorView, type EventView, type TranscriptView } from './api.js';
import { readFinalState } from './final-state.js';
import { exchange } from './http.js';
import { Cluster } from './service/cluster.js';
import { type Instance } from './service/instance.js';

const SESSION = 'full';
const SIZE = '12m';
const MORE = '64m';
/** More than fit on the disk. */
const APPENDS = 100;
const PAYLOAD = { text: 'x'.repeat(200_000) };

/** A small disk of its own, if the system allows it. */
const disk = mountDisk();
if (disk === undefined)
  console.log('full-disk.faults.ts is skipped: no file system of limited size can be mounted here');

(disk === undefined ? describe.skip : describe)('a full disk', () => {
  const directory = disk ?? '';
  let cluster: Cluster;
  let instance: Instance;
  const stored: EventView[] = [];

  const append = async (eventId: string, payload: object = PAYLOAD) => {
    const answer = await exchange({
      method: 'POST',
      url: `${instance.url}/sessions/${SESSION}/events`,
      body: { eventId, type: 'system', payload },
      timeoutMs: 10_000,
    });
    if (answer.status === 201) stored.push(JSON.parse(answer.text) as EventView);
    return answer;
  };

  const expectAllStored = async () => {
    const [final] = await readFinalState([instance], [SESSION]);
    const shown = new Map(final?.events.map((event) => [event.eventId, event]));
    for (const event of stored) expect(shown.get(event.eventId)).toMatchObject(event);
    expect(final?.events.map(({ sequence }) => sequence)).toEqual(final?.events.map((_, index) => index + 1));
  };

  beforeAll(async () => {
    cluster = await Cluster.start({
      instances: 1,
      store: 'embedded',
      env: { DATA_DIR: join(directory, 'data') },
    });
    [instance] = cluster.instances as [Instance];
    const body = { sessionId: SESSION, language: 'en' };
    await exchange({ method: 'POST', url: `${instance.url}/sessions`, body, timeoutMs: 10_000 });
  }, 60_000);

  afterAll(async () => {
    await cluster.stop();
    execFileSync('umount', [directory]);
    await rm(directory, { recursive: true });
  });

  it('refuses what there is no room for with 503, and goes on reading', async () => {
    const refused = [];
    for (let number = 0; number < APPENDS && refused.length < 5; number++) {
      const answer = await append(`e-${number}`);
      if (answer.status !== 201) refused.push(answer);
    }
    expect(stored.length).toBeGreaterThan(10);
    expect(refused).toHaveLength(5);
    for (const { status, text } of refused) {
      expect({ status, code: (JSON.parse(text) as ErrorView).code }).toEqual({
        status: 503,
        code: 'STORE_UNAVAILABLE',
      });
    }
    await expectAllStored();
  }, 60_000);

  it('has lost nothing when it is started again on the full disk', async () => {
    await instance.kill();
    instance.start();
    await instance.untilReady();
    await expectAllStored();
  }, 60_000);

  it('stores again when there is room', async () => {
    execFileSync('mount', ['-o', `remount,size=${MORE}`, directory]);
    expect((await append('after')).status).toBe(201);
    const { text } = await exchange({
      method: 'GET',
      url: `${instance.url}/sessions/${SESSION}?sort=sequence&order=desc&limit=1`,
      timeoutMs: 10_000,
    });
    expect((JSON.parse(text) as TranscriptView).events[0]).toMatchObject({ eventId: 'after' });
    await expectAllStored();
  }, 60_000);
});

function mountDisk(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'full-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', directory], { stdio: 'ignore' });
    return directory;
  } catch {
    return undefined;
  }
}
