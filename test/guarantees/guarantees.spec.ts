import { describe, expect, it } from '@jest/globals';
import { runGuarantees, type RunOptions } from './run.js';

/** Shorter time-outs, so that an instance can be cut off from its store, or suspended, for longer than all of them. */
const SHORT = {
  longFaultMs: 6000,
  env: { STORE_TIMEOUT_MS: '1000' },
  progress: () => undefined,
};

/** The same as `npm run guarantees`, but short. */
describe('the guarantees under faults', () => {
  it.each<[string, RunOptions]>([
    [
      'three instances on one store',
      {
        ...SHORT,
        seconds: 24,
        roundSeconds: 24,
        instances: 3,
        store: process.env['TEST_MONGODB_URI'] ?? 'standalone',
      },
    ],
    [
      'one instance on its own embedded store',
      { ...SHORT, seconds: 12, roundSeconds: 12, instances: 1, store: 'embedded' },
    ],
  ])(
    '%s',
    async (_name, options) => {
      const { violations, deaths, answers, struck } = await runGuarantees(options);
      console.log(JSON.stringify({ answers, struck: struck.map(({ kind }) => kind) }));
      const wrong = violations.map(({ rule, sessionId, what }) => `${rule} (${sessionId}): ${what}`);
      expect({ wrong, deaths }).toEqual({ wrong: [], deaths: [] });
      expect(answers['201']).toBeGreaterThan(20); // hundreds; restarts take most of the time on a slow and busy machine
      expect(struck.length).toBeGreaterThan(1);
    },
    180_000,
  );
});
