import { describe, expect, it } from '@jest/globals';
import { FAULT_KINDS } from './faults/fault.js';
import { describeRun } from './report/report.js';
import { runGuarantees, type RunOptions } from './run-guarantees.js';

const SEED = Number(process.env['GUARANTEES_SEED'] ?? Date.now() % 1_000_000);

const SECONDS = 20;

/** The same as `npm run guarantees`, but short enough for CI. */
describe('the guarantees under faults', () => {
  it.each([
    { name: 'one instance on its own embedded store', instances: 1, store: 'embedded' },
    { name: 'three instances on one store', instances: 3, store: 'standalone' },
  ] as const)(
    '$name',
    async ({ instances, store }) => {
      const options: RunOptions = {
        seconds: SECONDS,
        roundSeconds: SECONDS,
        instances,
        store,
        faults: new Set(FAULT_KINDS),
        seed: SEED,
        clients: 10,
        pauseMs: 20,
        progress: () => undefined,
      };
      const result = await runGuarantees(options);
      const struck = result.struck.map(({ kind }) => kind).join(', ');
      console.log(
        `GUARANTEES_SEED=${SEED}: ${result.operations} operations, ${result.retries} retries, ` +
          `${result.events} events; faults: ${struck}`,
      );
      if (result.violations.length > 0) console.log(describeRun(options, result, ''));
      expect({
        violations: result.violations.map(({ rule, what }) => `${rule}: ${what}`),
        deaths: result.deaths,
      }).toEqual({
        violations: [],
        deaths: [],
      });
      expect(result.operations).toBeGreaterThan(20); // some 3,000; restarts take most of the time on a slow and busy machine
      expect(result.struck.length).toBeGreaterThan(1);
    },
    180_000,
  );
});
