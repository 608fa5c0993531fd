import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { onStore, startProcess, type Environment, type ServiceProcess } from '../support/processes.js';
import { makeStore, type TestStore } from '../support/store.js';
import { type Attacker } from './attacker.js';
import { clockJumps } from './attackers/clock-jumps.js';
import { foreignPage } from './attackers/foreign-page.js';
import { neverReads } from './attackers/never-reads.js';
import { opensConnections } from './attackers/opens-connections.js';
import { pipelinesAndLeaves } from './attackers/pipelines-and-leaves.js';
import { readsBigPages } from './attackers/reads-big-pages.js';
import { sendsBigBodies } from './attackers/sends-big-bodies.js';
import { sendsUnknownKeys } from './attackers/sends-unknown-keys.js';
import { slowBodies } from './attackers/slow-bodies.js';
import { slowHeads } from './attackers/slow-heads.js';
import { usesUpDescriptors } from './attackers/uses-up-descriptors.js';
import { standBy } from './bystander.js';
import { untilAtRest, whatIsHeld } from './rest.js';

/** How long an attack lasts: long enough for each of an attacker's clients to begin again. */
const ATTACK_MS = 1000;

/** A connection whose client left unnoticed is cut after 30 s (SEND_TIMEOUT_MS). */
const AT_REST_WITHIN_MS = 45_000;

/** The longest response times during an attack, in milliseconds, on a machine that also runs other suites. */
const MOST_MS = { live: 2000, others: 5000 };
/** The memory that a process may keep after an attack, since the allocator reuses it. */
const MOST_MEGABYTES = 1000;
/** Both ends of each pooled connection to its store, and descriptors that Node opens for itself. */
const POOL = 210;

/** The settings of a service, so that attacks take only seconds, and its attackers, one after the other. */
interface Setting {
  readonly what: string;
  readonly environment?: Environment;
  readonly openFiles?: number;
  readonly attackers: readonly Attacker[];
}

const SETTINGS: readonly Setting[] = [
  {
    what: 'as it comes, whose clock can be set',
    environment: { NODE_OPTIONS: `--import=${new URL('attackers/clock.mjs', import.meta.url).href}` },
    attackers: [sendsBigBodies, readsBigPages, sendsUnknownKeys, foreignPage, clockJumps],
  },
  {
    what: 'that has room for 100 requests, and a second for each',
    environment: { MAX_REQUESTS_UNDER_WAY: '100', REQUEST_TIMEOUT_MS: '1000' },
    attackers: [pipelinesAndLeaves, slowHeads, slowBodies, opensConnections(3000)],
  },
  {
    what: 'that may have 512 files open, and sends pages that are too large for the sockets on their way',
    openFiles: 512,
    environment: {
      MAX_REQUESTS_UNDER_WAY: '10',
      SEND_TIMEOUT_MS: '1500',
      MAX_PAGE_BYTES: String(16 * 1024 * 1024),
    },
    attackers: [neverReads, usesUpDescriptors],
  },
];

const rows: string[] = [];
afterAll(() => {
  console.log(
    [
      '| attacker | `/health/live` | the others | done | 503 | memory | it saw |',
      '| --- | --: | --: | --: | --: | --: | --- |',
      ...rows,
    ].join('\n'),
  );
});

describe.each(SETTINGS)('a service $what', ({ environment, openFiles, attackers }) => {
  let store: TestStore;
  let service: ServiceProcess;
  beforeAll(async () => {
    store = await makeStore();
    service = await startProcess(
      { ...onStore(store), STORE_TIMEOUT_MS: '2000', ...environment },
      { openFiles },
    );
  });
  afterAll(async () => {
    await service.stop();
    await store.remove();
  });

  it.each(attackers.map((attacker) => [attacker.name, attacker] as const))(
    'goes on beside %s',
    async (name, attacker) => {
      const prepared = (await attacker.prepare?.(service)) ?? '';
      const before = await whatIsHeld(service);
      const [attack, watch] = [new AbortController(), new AbortController()];
      const isFirst = attacker.shutsOut !== true;
      const beside = isFirst ? standBy(service.client.origin, watch.signal) : undefined;
      const attacked = attacker.attack(service, attack.signal, prepared);
      await sleep(attacker.lastsMs ?? ATTACK_MS);
      attack.abort();
      const findings = await attacked;
      service.client.close();
      watch.abort();
      const besideIt = await beside;
      const after = await untilAtRest(service, AT_REST_WITHIN_MS);
      const seen = besideIt ?? (await standBy(service.client.origin, AbortSignal.timeout(500)));
      rows.push(
        `| ${name} | ${Math.round(seen.live)} ms | ${Math.round(seen.slowest)} ms | ${seen.done} | ${seen.refused} | ${before.megabytes} → ${after.megabytes} MB | ${JSON.stringify(findings)} |`,
      );
      expect(seen.wrong).toEqual([]);
      expect(seen.done).toBeGreaterThan(1);
      expect(attacker.crowds === true ? 0 : seen.refused).toBe(0);
      expect(seen.live).toBeLessThan(MOST_MS.live);
      expect(seen.slowest).toBeLessThan(MOST_MS.others);
      expect(after).toMatchObject({ underWay: 0, bytes: 0, connections: 1 });
      expect(after.descriptors).not.toBeGreaterThan(before.descriptors + POOL);
      expect(after.megabytes).toBeLessThan(before.megabytes + MOST_MEGABYTES);
      expect(findings).toEqual(attacker.sees ?? findings);
    },
    90_000,
  );
});
