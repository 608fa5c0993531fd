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
  it.each<[string, Pick<RunOptions, 'seconds' | 'instances' | 'store'>]>([
    [
      'three instances on one store',
      { seconds: 20, instances: 3, store: process.env['TEST_MONGODB_URI'] ?? 'standalone' },
    ],
    ['one instance on its own embedded store', { seconds: 10, instances: 1, store: 'embedded' }],
  ])('%s', async (_name, options) => {
    const { violations, deaths, answers, struck } = await runGuarantees({
      ...SHORT,
      ...options,
      roundSeconds: options.seconds,
    });
    console.log(JSON.stringify({ answers, struck: struck.map(({ kind }) => kind) }));
    const wrong = violations.map(({ rule, sessionId, what }) => `${rule} (${sessionId}): ${what}`);
    expect({ wrong, deaths }).toEqual({ wrong: [], deaths: [] });
    expect(answers).toHaveProperty('201'); // how many depends on the machine
    expect(struck).not.toEqual([]);
  });
});
