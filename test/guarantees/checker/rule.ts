import { type SessionFacts } from './facts.js';

/** A promise that was broken, and what shows it. */
export interface Violation {
  readonly rule: string;
  readonly sessionId: string;
  /** A sentence. */
  readonly what: string;
  /** The exchanges or stored documents that contradict each other. */
  readonly evidence: readonly unknown[];
}

/** What a rule finds: each comparison it made counts as a check, so that a rule with nothing to look at is seen. */
export class Findings {
  checks = 0;
  readonly violations: Violation[] = [];

  constructor(
    private readonly rule: string,
    private readonly sessionId: string,
  ) {}

  /** Notes a violation unless `holds`. The sentence and the evidence are made only for one. */
  expect(holds: boolean, what: () => string, ...evidence: readonly unknown[]): void {
    this.checks++;
    if (!holds) this.violations.push({ rule: this.rule, sessionId: this.sessionId, what: what(), evidence });
  }
}

/** One promise of the contract, decided from what clients saw of one session and from what is stored in the end. */
export interface Rule {
  readonly name: string;
  /** The promise, in the words of the report. */
  readonly promise: string;
  readonly check: (facts: SessionFacts, findings: Findings) => void;
}
