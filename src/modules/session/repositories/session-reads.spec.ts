import { describe, expect, it } from '@jest/globals';
import { serialize } from 'bson';
import { StoredDocument } from '../../../database/raw-reads.js';
import { partsOf } from './session-reads.js';

const session = (sessionId: string) => ({ sessionId, initialStatus: 'active' });
const event = (sessionId: string, sequence: number) => ({ sessionId, eventId: `e-${sequence}`, sequence });

/** For each read: whether its session was found, and the sequences of its events. */
function parts(documents: readonly object[], sessionIds: readonly string[]): unknown[] {
  const stored = documents.map((document) => new StoredDocument(serialize(document)));
  return partsOf(stored, sessionIds).map((part) => [
    part.session?.sessionId ?? null,
    ...part.documents.map(({ value }) => value['sequence'] as number),
  ]);
}

describe('the parts of a command for several sessions', () => {
  it('belong to the session that precedes them', () => {
    const documents = [session('a'), event('a', 1), session('b'), session('a'), event('a', 2), event('a', 3)];

    expect(parts(documents, ['a', 'b', 'a'])).toEqual([['a', 1], ['b'], ['a', 2, 3]]);
  });

  it('belong to no session if there is none', () => {
    expect(parts([session('a'), event('a', 1)], ['x', 'a', 'y'])).toEqual([[null], ['a', 1], [null]]);
    expect(parts([], ['x', 'x'])).toEqual([[null], [null]]);
  });

  it('are those of the later reads, if the session was created in between', () => {
    const documents = [session('b'), event('b', 1), session('a'), event('a', 2)];

    expect(parts(documents, ['a', 'b', 'a'])).toEqual([[null], ['b', 1], ['a', 2]]);
  });

  it('never belong to another session, even if events are stored of a session that did not exist', () => {
    const documents = [session('b'), event('b', 1), event('a', 1), event('b', 2)];

    expect(parts(documents, ['b', 'a'])).toEqual([['b', 1, 2], [null]]);
  });
});
