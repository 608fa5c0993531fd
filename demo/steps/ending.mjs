import { headers, oneTo, same, status, tally } from '../check.mjs';
import { printEvents } from '../call.mjs';
import { fields, line } from '../terminal.mjs';

/** Ending sessions, and events after the end. */
export const ending = [
  {
    title: 'End the session',
    says: 'The first call ends it: once, with a time and with the sequence of its last event. Every later call gets the same answer.',
    async run({ client, call }) {
      const path = `/sessions/${call.session.sessionId}/complete`;
      const ended = await client.show('POST', path);
      status(ended, 200);
      headers(ended, { 'Idempotent-Replayed': null });
      const { status: state, endedAt, finalSequence } = ended.body;
      same('how it ended', [state, finalSequence], ['completed', 31]);
      fields([
        ['status', state],
        ['endedAt', endedAt],
        ['finalSequence', finalSequence],
      ]);
      line();
      const again = await client.show('POST', path);
      status(again, 200);
      headers(again, { 'Idempotent-Replayed': 'true' });
      same('the ended session', again.body, ended.body);
      call.ended = ended.body;
      return 'The second answer is the first one, to the millisecond.';
    },
  },
  {
    title: 'Fifty clients end one session at once',
    says: 'Half of them say that it was completed, half that it failed. There is one end.',
    async run({ client, crowd }) {
      const path = `/sessions/${crowd.sessionId}/complete`;
      client.showRequest('POST', path, { status: 'failed' });
      const answers = await Promise.all(
        oneTo(50).map((n) => client.post(path, { status: n % 2 === 0 ? 'completed' : 'failed' })),
      );
      const replays = answers.filter((answer) => answer.headers.get('Idempotent-Replayed') === 'true');
      line(
        `  50 requests at the same time: ${50 - replays.length} ended it, ${replays.length} found it ended`,
      );
      same('the statuses', tally(answers.map((answer) => answer.status)), { 200: 50 });
      same('replays', replays.length, 49);
      same('different bodies', new Set(answers.map(({ body }) => JSON.stringify(body))).size, 1);
      const [{ body }] = answers;
      same('the final sequence', body.finalSequence, crowd.total);
      fields([
        ['status', body.status],
        ['endedAt', body.endedAt],
        ['finalSequence', body.finalSequence],
      ]);
      return 'All 50 answers agree on status, endedAt and finalSequence.';
    },
  },
  {
    title: 'The last words arrive late',
    says: 'They often do, after the hang-up. They are kept, and read as late; the end stays what it was.',
    async run({ client, call }) {
      const path = `/sessions/${call.session.sessionId}`;
      const event = {
        eventId: 'evt-32',
        type: 'user_speech',
        payload: { text: '…and have a nice day!', confidence: 0.82 },
        timestamp: new Date(call.start + 79_300).toISOString(),
      };
      const answer = await client.show('POST', `${path}/events`, event);
      status(answer, 201);
      same('the sequence', answer.body.sequence, 32);
      call.stored.push(answer.body);
      line();
      client.showRequest('GET', `${path}?sort=sequence&afterSequence=29`);
      const { body } = await client.get(`${path}?sort=sequence&afterSequence=29`);
      printEvents(body.events, call.start);
      same('which are late', body.events.map(({ late }) => late), [false, false, true]); // oxfmt-ignore
      const { status: state, endedAt, finalSequence } = body;
      const { ended } = call;
      same('the end', [state, endedAt, finalSequence], [ended.status, ended.endedAt, ended.finalSequence]);
      return 'Stored as number 32 and marked late; status, endedAt and finalSequence are untouched.';
    },
  },
];
