import { type History } from '../history.js';
import { acknowledgedWrites } from './acknowledged-writes.js';
import { batchesInOrder } from './batches-in-order.js';
import { createdOnce } from './created-once.js';
import { cursorWalks } from './cursor-walks.js';
import { deletedForEver } from './deleted-for-ever.js';
import { denseSequences } from './dense-sequences.js';
import { equalReplays } from './equal-replays.js';
import { erased } from './erased.js';
import { factsOf } from './facts.js';
import { knownAnswers } from './known-answers.js';
import { neverLate } from './never-late.js';
import { oneEnd } from './one-end.js';
import { patchesKept } from './patches-kept.js';
import { readsSeeWrites } from './reads-see-writes.js';
import { realTimeOrder } from './real-time-order.js';
import { Findings, type Rule, type Violation } from './rule.js';
import { sameEverywhere } from './same-everywhere.js';
import { selfConsistent } from './self-consistent.js';
import { streams } from './streams.js';

export const RULES: readonly Rule[] = [
  acknowledgedWrites,
  denseSequences,
  createdOnce,
  equalReplays,
  oneEnd,
  neverLate,
  realTimeOrder,
  readsSeeWrites,
  selfConsistent,
  cursorWalks,
  batchesInOrder,
  patchesKept,
  deletedForEver,
  erased,
  streams,
  sameEverywhere,
  knownAnswers,
];

export interface Verdict {
  /** The number of comparisons, by rule. */
  readonly checks: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
}

/** Checks a history against the rules, all of them by default. */
export function check(history: History, rules = RULES): Verdict {
  const checks = Object.fromEntries(rules.map(({ name }) => [name, 0]));
  const violations: Violation[] = [];
  for (const facts of factsOf(history)) {
    for (const rule of rules) {
      const findings = new Findings(rule.name, facts.sessionId);
      rule.check(facts, findings);
      checks[rule.name] = (checks[rule.name] ?? 0) + findings.checks;
      violations.push(...findings.violations);
    }
  }
  return { checks, violations };
}
