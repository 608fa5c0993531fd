import assert from 'node:assert/strict';
import { dim, fields, line } from '../terminal.mjs';

/** Finding, correcting and deleting what was recorded. */
export const managing = [
  {
    title: 'Find it again',
    says: 'By status, time and metadata, newest first. What was learned later is added to the metadata, also after the end.',
    async run({ client, call }) {
      const { caller } = call.session.metadata;
      const query = `/sessions?metadata.caller=${encodeURIComponent(caller)}`;
      const { sessions } = (await client.show('GET', query, 200)).body;
      assert.deepEqual(sessions.map(({ sessionId }) => sessionId), [call.session.sessionId]); // oxfmt-ignore
      const [{ sessionId, startedAt, status, metadata }] = sessions;
      line(`  ${sessionId}  ${dim(startedAt)}  ${status}`);
      line();
      const patched = await client.show('PATCH', `/sessions/${sessionId}`, 200, { metadata: { rating: 5, queue: 'billing' } }, { 'Content-Type': 'application/merge-patch+json' }); // oxfmt-ignore
      assert.deepEqual(patched.body.metadata, { ...metadata, rating: 5, queue: 'billing' });
      fields({ before: metadata, after: patched.body.metadata });
      return 'One key more, one changed, the others as they were.';
    },
  },
  {
    title: 'Forget a call',
    says: 'A caller asks for it: DELETE erases a session with all of its events. Its id stays taken, so that no retry under way brings it back.',
    async run({ client }) {
      const event = { eventId: 'e-1', type: 'system', payload: {} };
      await client.show('DELETE', '/sessions/crowd', 204);
      const read = await client.show('GET', '/sessions/crowd', 410);
      const append = await client.show('POST', '/sessions/crowd/events', 410, event);
      for (const { body } of [read, append]) assert.equal(body.code, 'SESSION_DELETED');
      await client.show('DELETE', '/sessions/crowd', 204);
      // The other helpers of the tour go too: only the call is left to look at.
      for (const id of ['killed', 'long-call']) await client.send('DELETE', `/sessions/${id}`, 204);
      return 'Gone for whoever reads, writes or tries again.';
    },
  },
];
