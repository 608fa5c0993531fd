import { same, status } from '../check.mjs';
import { dim, fields, line } from '../terminal.mjs';

/** Managing recorded calls: finding, correcting, deleting. */
export const listing = [
  {
    title: 'Find it again',
    says: 'GET /sessions lists sessions, newest first, by status and time; a cursor walks on. In a browser it is a page.',
    async run({ client, call, crowd, live }) {
      const from = call.created.startedAt;
      const ours = [live.sessionId, crowd.sessionId, call.session.sessionId];
      const idsIn = ({ body }) =>
        body.sessions.map(({ sessionId }) => sessionId).filter((id) => ours.includes(id));

      const answer = await client.show('GET', `/sessions?from=${from}&limit=100`);
      status(answer, 200);
      const shown = answer.body.sessions.filter(({ sessionId }) => ours.includes(sessionId));
      fields(
        shown.map(({ sessionId, status: state, startedAt }) => [sessionId, `${startedAt}  ${dim(state)}`]),
      );
      same('the sessions, newest first', idsIn(answer), ours);
      line();
      const active = await client.show('GET', `/sessions?from=${from}&limit=100&status=active`);
      fields([['active', idsIn(active).join(', ')]]);
      same('the active ones', idsIn(active), ours.slice(1));
      return 'All are there, and one filter tells which calls are still on.';
    },
  },
];

export const patching = [
  {
    title: 'Add what was learned later',
    says: 'PATCH changes metadata by a JSON Merge Patch, also after the end: what it names is set, null removes, the rest stays. What was said never changes.',
    async run({ client, call }) {
      const path = `/sessions/${call.session.sessionId}`;
      const { metadata } = call.session;
      fields([['metadata', JSON.stringify(metadata)]]);
      line();
      const answer = await client.show(
        'PATCH',
        path,
        { metadata: { rating: 5, bot: { version: null } } },
        { 'Content-Type': 'application/merge-patch+json' },
      );
      status(answer, 200);
      fields([['metadata', JSON.stringify(answer.body.metadata)]]);
      same('the metadata', answer.body.metadata, { ...metadata, bot: { name: 'Ada' }, rating: 5 });
      same('the rest', answer.body.finalSequence, 31);
      return 'One key more, one less, and the others as they were.';
    },
  },
];

export const deleting = [
  {
    title: 'Forget a call',
    says: 'A caller asks for it: DELETE erases a session and every event of it. Its id stays taken, so that no retry on its way brings it back.',
    async run({ client, crash }) {
      const path = `/sessions/${crash.sessionId}`;
      status(await client.show('DELETE', path), 204);
      line();
      for (const [method, target, body] of [
        ['GET', path],
        ['POST', `${path}/events`, { eventId: 'w-1', type: 'system', payload: {} }],
        ['POST', '/sessions', { sessionId: crash.sessionId, language: 'en' }],
      ]) {
        const answer = await client.show(method, target, body);
        status(answer, 410);
        same('the error code', answer.body.code, 'SESSION_DELETED');
      }
      line();
      status(await client.show('DELETE', path), 204);
      return 'Gone for whoever reads, writes or tries again; deleting it again is fine.';
    },
  },
];
