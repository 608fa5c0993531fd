import { errorCatalogue } from '../../../src/common/errors/error-catalogue.js';
import { type ErrorBody } from '../../support/representations.js';
import { type Exchange, type History, type Kind } from '../history.js';
import { deletedForEver, erased, redacted } from './deletions.js';
import { factsOf } from './facts.js';
import { denseSequences, neverLate, oneEnd, realTimeOrder, sameEverywhere } from './log.js';
import { readsSeeWrites, selfConsistent, streams, streamsEnd } from './reads.js';
import { Findings, type Rule, type Violation } from './rule.js';
import { acknowledgedWrites, batchesInOrder, createdOnce, equalReplays, patchesKept } from './writes.js';

/** The possible answers to each request. These clients send nothing malformed. */
const STATUSES: Readonly<Record<Kind, readonly number[]>> = {
  create: [200, 201, 409, 410, 503],
  append: [200, 201, 404, 409, 410, 503],
  batch: [200, 201, 404, 410, 503],
  patch: [200, 404, 410, 503],
  complete: [200, 404, 410, 503],
  delete: [204, 404, 503],
  redact: [204, 404, 410, 503],
  read: [200, 404, 410, 503],
};
const ERRORS: Readonly<Record<string, { readonly status: number } | undefined>> = errorCatalogue;

const knownAnswers: Rule = {
  name: 'known answers',
  check({ exchanges }, findings) {
    for (const exchange of exchanges) {
      if (exchange.answer) findings.expect(isKnown(exchange), () => describe(exchange), exchange);
    }
  },
};

function isKnown({ kind, answer }: Exchange): boolean {
  const { status = 0, body, retryAfter } = answer ?? {};
  if (status < 400) return STATUSES[kind].includes(status);
  const { code } = body as ErrorBody;
  const isOfStatus = ERRORS[code]?.status === status;
  return STATUSES[kind].includes(status) && isOfStatus && (status !== 503 || retryAfter !== undefined);
}

function describe({ kind, answer }: Exchange): string {
  return `a ${kind} was answered with ${answer?.status ?? '-'} ${(answer?.body as ErrorBody | null)?.code ?? ''}`;
}

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
  batchesInOrder,
  patchesKept,
  deletedForEver,
  erased,
  redacted,
  streams,
  streamsEnd,
  sameEverywhere,
  knownAnswers,
];

/** Checks a history against the rules. @returns the number of comparisons by rule, and what is wrong. */
export function check(history: History): { checks: Record<string, number>; violations: Violation[] } {
  const checks = Object.fromEntries(RULES.map(({ name }) => [name, 0]));
  const violations: Violation[] = [];
  for (const facts of factsOf(history)) {
    for (const rule of RULES) {
      const findings = new Findings(rule.name, facts.sessionId);
      rule.check(facts, findings);
      checks[rule.name] = (checks[rule.name] ?? 0) + findings.checks;
      violations.push(...findings.violations);
    }
  }
  return { checks, violations };
}
