import { describe, expect, it } from '@jest/globals';
import { FAULT_KINDS } from './faults/fault.js';
import { describeRun } from './report/report.js';
import { runGuarantees, type RunOptions } from './run-guarantees.js';

const SEED = Number(process.env['GUARANTEES_SEED'] ?? Date.now() % 1_000_000);

/** The same as `npm run guarantees`, but short enough for CI. */
describe('the guarantees under faults', () => {
  // Concurrently, since each mostly waits for faults to start and end.
  it.concurrent.each([
    { name: 'one instance on its own embedded store', instances: 1, store: 'embedded', seconds: 20 },
    { name: 'three instances on one store', instances: 3, store: 'standalone', seconds: 30 },
  ])(
    '$name',
    async ({ instances, store, seconds }) => {
      const options: RunOptions = {
        seconds,
        roundSeconds: seconds,
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
      expect(result.operations).toBeGreaterThan(20); // 34 came through on a machine at a third of its speed
      expect(result.struck.length).toBeGreaterThan(1);
    },
    180_000,
  );
});
