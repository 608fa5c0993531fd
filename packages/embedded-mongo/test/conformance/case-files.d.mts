import { type StoreKind } from './store-kind.mjs';

/** What a case expects: the answer to each of its commands and, where it looks, what the collection holds then. */
export interface Expectation {
  readonly expect: readonly unknown[];
  readonly then?: readonly unknown[];
}

/** A case as the JSON has it; README.md tells what its fields mean. */
export interface TestCase extends Expectation {
  readonly name: string;
  readonly given?: { readonly documents?: readonly unknown[]; readonly indexes?: readonly unknown[] };
  readonly run: readonly Record<string, unknown>[];
  readonly admin?: boolean;
  readonly keep?: readonly string[];
  readonly standaloneOnly?: boolean;
  readonly differsOn?: Readonly<Record<string, string>>;
}

export function readThemes(): { theme: string; url: URL; cases: TestCase[] }[];
export function reasonToSkip(testCase: TestCase, kind: StoreKind): string | undefined;
