import { type StoreKind } from './store-kind.mjs';

/** What a case expects: the answer to each of its commands and, where it looks, what the collection holds then. */
export interface Expectation {
  /** The reply to each command: its documented part, or `error`. */
  readonly expect: readonly unknown[];
  /** All documents of the collection afterwards, by `_id`. */
  readonly then?: readonly unknown[];
}

/** A case as the JSON has it. */
export interface TestCase extends Expectation {
  /** What it shows. */
  readonly name: string;
  /** What exists before; the indexes are created first. */
  readonly given?: { readonly documents?: readonly unknown[]; readonly indexes?: readonly unknown[] };
  /** The commands, one after the other. */
  readonly run: readonly Record<string, unknown>[];
  /** Whether the commands are for the `admin` database. */
  readonly admin?: boolean;
  /** Additional fields of the replies to compare. */
  readonly keep?: readonly string[];
  /** Whether a replica set or a sharded cluster replies differently. */
  readonly standaloneOnly?: boolean;
  /** Stores that are known to differ, each with its behaviour; there the case is skipped and listed. */
  readonly differsOn?: Readonly<Record<string, string>>;
}

export function readThemes(): { theme: string; url: URL; cases: TestCase[] }[];
export function reasonToSkip(testCase: TestCase, kind: StoreKind): string | undefined;
