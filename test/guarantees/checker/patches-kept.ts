import { type SessionView } from '../api.js';
import { isUnknown, resourceOf, type Exchange, type Patch } from '../history.js';
import { type SessionFacts } from './facts.js';
import { type Rule } from './rule.js';

/** The prefix of keys that patches set; creations never use it. */
const PATCHED = 'patched-';

/** The key that a client sets in each of its patches, to the number of the patch. */
export const lastKeyOf = (client: number): string => `${PATCHED}last-${client}`;
/** A key that only one patch sets. */
export const ownKeyOf = (client: number, patch: number): string => `${PATCHED}${client}-${patch}`;

/** The keys set before any patch, which no patch changes. */
export function createdPart(metadata: SessionView['metadata']): SessionView['metadata'] {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !key.startsWith(PATCHED)));
}

export const patchesKept: Rule = {
  name: 'patches kept',
  promise:
    'What a patch set is in every answer to a request sent later, and in the end, whatever other keys were patched at the same time: of a key that is set once its value, of one that a client sets again and again the last; and no key is there that nobody sent.',
  check(facts, findings) {
    const sentKeys = new Set(facts.patches.flatMap(({ request }) => Object.keys(request.body.metadata)));
    const lost = lostValues(facts.patches);
    for (const { metadata, sentAt, evidence } of viewsOf(facts)) {
      const patched = Object.keys(metadata).filter((key) => key.startsWith(PATCHED));
      findings.expect(
        patched.every((key) => sentKeys.has(key)),
        () => 'the metadata holds a key that nobody sent',
        evidence,
      );
      for (const patch of facts.patches) {
        if (!resourceOf(patch) || patch.endedAt >= sentAt) continue;
        for (const [key, value] of Object.entries(patch.request.body.metadata)) {
          const shown = metadata[key];
          findings.expect(
            // A client counts up. If a response was lost, its request may have been served after later ones.
            Number(shown) >= Number(value) || lost.has(`${key}=${String(shown)}`),
            () => `${key} was patched to ${String(value)} and is ${String(shown)}`,
            patch,
            evidence,
          );
        }
      }
    }
  },
};

interface MetadataView {
  readonly metadata: SessionView['metadata'];
  /** When it was sent; the final state counts as last of all. */
  readonly sentAt: number;
  readonly evidence: unknown;
}

function viewsOf({ creates, patches, completes, reads, final }: SessionFacts): MetadataView[] {
  const answered: Exchange[] = [...creates, ...patches, ...completes, ...reads];
  const views = answered.flatMap((exchange) => {
    const { answer, sentAt } = exchange;
    if (!answer || answer.status >= 300) return [];
    return [{ metadata: (answer.body as SessionView).metadata, sentAt, evidence: exchange }];
  });
  const { session } = final;
  return session ? [...views, { metadata: session.metadata, sentAt: Infinity, evidence: session }] : views;
}

function lostValues(patches: readonly Patch[]): ReadonlySet<string> {
  const lost = patches.filter(isUnknown).flatMap(({ request }) => Object.entries(request.body.metadata));
  return new Set(lost.map(([key, value]) => `${key}=${String(value)}`));
}
