import { type SessionFacts } from './facts.js';

/** A broken promise, with its evidence. */
export interface Violation {
  readonly rule: string;
  readonly sessionId: string;
  /** A sentence. */
  readonly what: string;
  /** The exchanges or stored documents that contradict each other. */
  readonly evidence: readonly unknown[];
}

/** The findings of a rule. Each comparison counts as a check, to reveal rules that have nothing to check. */
export class Findings {
  checks = 0;
  readonly violations: Violation[] = [];

  constructor(
    private readonly rule: string,
    private readonly sessionId: string,
  ) {}

  /** Records a violation if `holds` is false. The sentence is evaluated only then. */
  expect(holds: boolean, what: () => string, ...evidence: readonly unknown[]): void {
    this.checks++;
    if (!holds) this.violations.push({ rule: this.rule, sessionId: this.sessionId, what: what(), evidence });
  }
}

/**
 * One promise, checked against what clients saw of one session and what is stored at the end. docs/guarantees.md says what each
 * promises, by its name.
 */
export interface Rule {
  readonly name: string;
  readonly check: (facts: SessionFacts, findings: Findings) => void;
}
