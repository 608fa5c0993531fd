import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError } from '../support/expectations.js';
import { onStore, startProcess } from '../support/processes.js';
import { aSession } from '../support/samples.js';
import { makeStore, type TestStore } from '../support/store.js';

let store: TestStore;
beforeAll(async () => {
  store = await makeStore();
});
afterAll(() => store.remove());

/** The ids that a service with these filter keys lists, after storing another session. */
async function idsListed(keys: string, sessionId: string): Promise<string[]> {
  const service = await startProcess({ ...onStore(store), METADATA_FILTER_KEYS: keys });
  try {
    const { client } = service;
    await client.create(aSession({ sessionId, metadata: { 'a.b': '$' } }));
    expectError(await client.list({ 'metadata.colour': 'red' }), 'VALIDATION_FAILED', 'metadata.colour');
    const lists = keys === '' ? [] : [await client.list({ 'metadata.a.b': '$' })];
    return lists.flatMap(({ body }) => body.sessions.map((session) => session.sessionId));
  } finally {
    await service.stop();
  }
}

describe('METADATA_FILTER_KEYS', () => {
  it('also finds older sessions by a key that is added later', async () => {
    expect(await idsListed('', 'first')).toEqual([]);
    expect(await idsListed('a.b', 'second')).toEqual(['second', 'first']);
  });
});
