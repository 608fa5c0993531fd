import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { onStore, startProcess, untilReady, type ServiceProcess } from '../support/processes.js';
import { makeStore, type TestStore } from '../support/store.js';
import { until } from '../support/until.js';
import { ATTACKS, meansAgainst } from './attacks.js';
import { held, standBy } from './bystander.js';

/** How often the ordinary client goes through its requests while an attack lasts. */
const ROUNDS = 2;

describe('an ordinary client is served', () => {
  let store: TestStore;
  let service: ServiceProcess;
  beforeEach(async () => {
    store = await makeStore();
    service = await startProcess(onStore(store));
    await untilReady(service);
  });
  afterEach(async () => {
    await service.stop();
    await store.remove();
  });

  it.each(ATTACKS.map((attack) => [attack.name, attack] as const))(
    'beside %s',
    async (_name, attack) => {
      const { means, end } = meansAgainst(service);
      await attack.begin(means);
      const seen = await standBy(service.client.origin, ROUNDS);
      await end();

      expect(seen.failures).toEqual([]);
      expect(seen.megabytes).toBeLessThan(attack.most);
      await until(async () => (await held(service.client)) === 0, 60_000); // nothing of the attack is left
    },
    180_000,
  );
});
