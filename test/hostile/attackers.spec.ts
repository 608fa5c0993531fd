import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { onStore, startProcess } from '../support/processes.js';
import { makeStore } from '../support/store.js';
import { type Attacker } from './attacker.js';
import { foreignPage } from './attackers/foreign-page.js';
import { neverReads } from './attackers/never-reads.js';
import { opensConnections } from './attackers/opens-connections.js';
import { pipelinesAndLeaves } from './attackers/pipelines-and-leaves.js';
import { readsBigPages } from './attackers/reads-big-pages.js';
import { sendsBigBodies } from './attackers/sends-big-bodies.js';
import { sendsUnknownKeys } from './attackers/sends-unknown-keys.js';
import { slowBodies } from './attackers/slow-bodies.js';
import { slowHeads } from './attackers/slow-heads.js';
import { standBy } from './bystander.js';
import { untilAtRest, whatIsHeld } from './rest.js';

/** How long each attack lasts at least. */
const ATTACK_MS = 3000;

/** Milliseconds that the slowest of `/health/live` may take beside an attacker, on a busy machine too. */
const MOST_MS = 3000;
/** What a process may keep of an attack: memory that the allocator holds on to, and uses again. */
const MOST_MEGABYTES = 1500;
/** Connections to its store that it may have opened meanwhile, and keeps, both ends of each; and the tests' own. */
const POOL = 210;

const ATTACKERS: readonly Attacker[] = [
  pipelinesAndLeaves,
  neverReads,
  slowHeads,
  slowBodies,
  opensConnections(3000),
  sendsBigBodies,
  readsBigPages,
  sendsUnknownKeys,
  foreignPage,
];

const rows: string[] = [];
afterAll(() => {
  console.log(
    [
      '| attacker | live | other | done | 503 | memory, before → after | it saw |',
      '| --- | --: | --: | --: | --: | --: | --- |',
      ...rows,
    ].join('\n'),
  );
});

describe('beside an attacker', () => {
  it.each(ATTACKERS.map((attacker) => [attacker.name, attacker] as const))(
    '%s',
    async (name, attacker) => {
      const store = await makeStore();
      const service = await startProcess({
        ...onStore(store),
        STORE_TIMEOUT_MS: '2000',
        ...attacker.environment,
      });
      try {
        const prepared = (await attacker.prepare?.(service)) ?? '';
        await service.client.send({ path: '/health/live' });
        const before = await whatIsHeld(service);
        const [attack, watch] = [new AbortController(), new AbortController()];
        const bystander = standBy(service.client.origin, watch.signal);
        const attacked = attacker.attack(service, attack.signal, prepared);
        await sleep(ATTACK_MS);
        attack.abort();
        const findings = await attacked;
        service.client.close();
        watch.abort();
        const seen = await bystander;
        const after = await untilAtRest(service, before.descriptors + POOL, 30_000);
        rows.push(
          `| ${name} | ${Math.round(seen.live)} ms | ${Math.round(seen.slowest)} ms | ${seen.done} | ${seen.refused} | ${before.megabytes} → ${after.megabytes} MB | ${JSON.stringify(findings)} |`,
        );
        expect(seen.wrong).toEqual([]);
        expect(seen.done).toBeGreaterThan(1);
        expect(attacker.crowds === true ? 0 : seen.refused).toBe(0);
        expect(seen.live).toBeLessThan(MOST_MS);
        expect(after).toMatchObject({ underWay: 0, inTransit: 0, bytes: 0 });
        expect(after.descriptors).not.toBeGreaterThan(before.descriptors + POOL);
        expect(after.megabytes).toBeLessThan(before.megabytes + MOST_MEGABYTES);
        expect(findings).toEqual(attacker.sees ?? findings);
      } finally {
        await service.stop();
        await store.remove();
      }
    },
    120_000,
  );
});
