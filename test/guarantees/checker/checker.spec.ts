import { describe, expect, it } from '@jest/globals';
import { Random } from '../random.js';
import { check, RULES } from './check.js';
import { FAULTS } from './faults.js';
import { modelHistory } from './model.js';

/** Correct histories by seed; in a third of them the session is deleted. */
const HISTORIES = Array.from({ length: 18 }, (_, index) => {
  const seed = 1000 + index;
  return { seed, history: modelHistory(seed, index % 3 === 2) };
});

describe('the checker', () => {
  it('finds nothing wrong in correct histories, which exercise every rule', () => {
    const checks: Record<string, number> = {};
    for (const { seed, history } of HISTORIES) {
      const verdict = check(history);
      expect({ seed, violations: verdict.violations }).toEqual({ seed, violations: [] });
      for (const [rule, count] of Object.entries(verdict.checks)) checks[rule] = (checks[rule] ?? 0) + count;
    }
    for (const { name } of RULES) expect({ name, checks: checks[name] }).not.toEqual({ name, checks: 0 });
  });

  it('is tested with a fault for every rule', () => {
    expect(Object.keys(FAULTS).sort()).toEqual(RULES.map(({ name }) => name).sort());
  });

  describe.each(Object.entries(FAULTS))('%s', (rule, faults) => {
    const rules = RULES.filter(({ name }) => name === rule);

    it.each(Object.entries(faults))('notices when %s', (_name, fault) => {
      let tried = 0;
      for (const { seed, history } of HISTORIES) {
        const faulty = fault(history, new Random(seed));
        if (!faulty) continue;
        tried++;
        expect({ seed, noticed: check(faulty, rules).violations.length > 0 }).toEqual({
          seed,
          noticed: true,
        });
      }
      expect(tried).toBeGreaterThan(2);
    });
  });
});
