import { headers, oneTo, same, status, tally } from '../check.mjs';
import { cut, dim, fields, line, room } from '../terminal.mjs';

/** Creating sessions: once, again, and fifty times at once. */
export const creating = [
  {
    title: 'Create a session',
    says: 'A session is one conversation. The client chooses its id, so that it can ask again if the answer gets lost.',
    async run({ client, call }) {
      const answer = await client.show('POST', '/sessions', call.session);
      status(answer, 201);
      headers(answer, { Location: `/sessions/${call.session.sessionId}`, 'Idempotent-Replayed': null });
      const { startedAt, ...session } = answer.body;
      same('the session', session, {
        ...call.session,
        status: 'initiated',
        endedAt: null,
        finalSequence: null,
      });
      fields([
        ['status', session.status],
        ['language', session.language],
        ['startedAt', startedAt],
        ['endedAt', 'null'],
        ['metadata', JSON.stringify(session.metadata)],
      ]);
      call.created = answer.body;
      return 'Created, and everything came back as it was sent.';
    },
  },
  {
    title: 'Create it again',
    says: 'A client that saw no answer sends the request again. That has no further effect: it gets what is stored. If the content differs, the stored session wins, and the answer says so; a client that prefers an error asks for strict handling.',
    async run({ client, call }) {
      const again = await client.show('POST', '/sessions', call.session);
      status(again, 200);
      headers(again, { 'Idempotent-Replayed': 'true', 'Idempotent-Mismatch': null });
      same('the stored session', again.body, call.created);
      line();

      const other = { ...call.session, language: 'fr' };
      const differing = await client.show('POST', '/sessions', other);
      status(differing, 200);
      headers(differing, { 'Idempotent-Replayed': 'true', 'Idempotent-Mismatch': 'true' });
      same('the stored session', differing.body, call.created);
      line();

      const strict = await client.show('POST', '/sessions', other, { Prefer: 'handling=strict' });
      status(strict, 409);
      same('the error code', strict.body.code, 'SESSION_CONFLICT');
      headers(strict, { 'Preference-Applied': 'handling=strict' });
      line(dim(cut(`  ${strict.body.code}: ${strict.body.message}`, room())));
      return 'Nothing was changed and nothing merged: three answers, one session.';
    },
  },
  {
    title: 'Fifty clients create the same session at once',
    says: 'No lock, no read before the write: a unique index decides who was first.',
    async run({ client, crowd }) {
      const session = { sessionId: crowd.sessionId, language: 'en' };
      client.showRequest('POST', '/sessions', session);
      const answers = await Promise.all(oneTo(50).map(() => client.post('/sessions', session)));
      const counts = tally(answers.map((answer) => answer.status));
      line(`  50 requests at the same time: ${describe(counts)}`);
      same('the statuses', counts, { 200: 49, 201: 1 });
      same('replays', answers.filter(({ headers: h }) => h.get('Idempotent-Replayed') === 'true').length, 49);
      same('different bodies', new Set(answers.map(({ body }) => JSON.stringify(body))).size, 1);
      return 'One request created it, 49 found it, and all 50 answers show the same session to the millisecond.';
    },
  },
];

/** Prints a tally, with the requests that created something (201) first. */
export function describe(counts) {
  return Object.entries(counts)
    .reverse()
    .map(([value, count]) => `${count} × ${value}`)
    .join(', ');
}
