import { headers, oneTo, same, status, tally } from '../check.mjs';
import { durationMs, printEvents } from '../call.mjs';
import { cut, dim, fields, line, room } from '../terminal.mjs';
import { describe } from './creating.mjs';

/** Recording events: a whole call, retries, and concurrent appends. */
export const recording = [
  {
    title: 'Record a call',
    says: `Events are what happens in a session: what the caller says, what the bot says, what the system does. This call took ${Math.round(durationMs / 1000)} seconds; we post its 30 events one by one. The number in front is the sequence, the event’s place in the log.`,
    async run({ client, call }) {
      const path = `/sessions/${call.session.sessionId}/events`;
      client.showRequest('POST', path, call.events[0]);
      line();
      for (const [index, event] of call.events.entries()) {
        const answer = await client.post(path, event);
        status(answer, 201);
        const { sequence, receivedAt, sessionId, ...stored } = answer.body;
        same('the sequence', sequence, index + 1);
        same('the stored event', stored, event);
        same('the session of the event', sessionId, call.session.sessionId);
        same('whether it tells when it was received', typeof receivedAt, 'string');
        call.stored.push(answer.body);
        printEvents([answer.body], call.start);
      }
      const session = await client.get(`/sessions/${call.session.sessionId}?limit=1`);
      same('the status of the session', session.body.status, 'active');
      return '30 events stored, numbered 1 to 30 without a gap, payloads unchanged. The first one made the session active.';
    },
  },
  {
    title: 'Send an event again',
    says: 'The same eventId again is answered with the stored event, and with a header when the content differs. An event, once stored, never changes.',
    async run({ client, call }) {
      const path = `/sessions/${call.session.sessionId}/events`;
      const [stored] = call.stored.slice(4, 5);
      const event = call.events[4];

      const again = await client.show('POST', path, event);
      status(again, 200);
      headers(again, { 'Idempotent-Replayed': 'true', 'Idempotent-Mismatch': null });
      same('the stored event', again.body, stored);
      line();

      const other = { ...event, payload: { text: 'I never said that.' } };
      const differing = await client.show('POST', path, other);
      status(differing, 200);
      headers(differing, { 'Idempotent-Replayed': 'true', 'Idempotent-Mismatch': 'true' });
      same('the stored event', differing.body, stored);
      line(dim(`  still stored: ${cut(JSON.stringify(differing.body.payload), room(16))}`));
      line();

      const strict = await client.show('POST', path, other, { Prefer: 'handling=strict' });
      status(strict, 409);
      same('the error code', strict.body.code, 'EVENT_CONFLICT');
      line(dim(cut(`  ${strict.body.code}: ${strict.body.message}`, room())));
      return 'Sequence, payload and receivedAt are those of the first time.';
    },
  },
  {
    title: 'Fifty clients send the same event at once',
    says: 'An impatient network: one event arrives fifty times, all together.',
    async run({ client, crowd }) {
      const path = `/sessions/${crowd.sessionId}/events`;
      const event = { eventId: 'only-once', type: 'user_speech', payload: { text: 'Hello? Hello?' } };
      client.showRequest('POST', path, event);
      const answers = await Promise.all(oneTo(50).map(() => client.post(path, event)));
      const counts = tally(answers.map((answer) => answer.status));
      line(`  50 requests at the same time: ${describe(counts)}`);
      same('the statuses', counts, { 200: 49, 201: 1 });
      same('different bodies', new Set(answers.map(({ body }) => JSON.stringify(body))).size, 1);
      const { body } = await client.get(`/sessions/${crowd.sessionId}`);
      same('the events stored', body.pagination.total, 1);
      return 'Stored once. All 50 answers show the same event with the same sequence and timestamp.';
    },
  },
  {
    title: 'Fifty different events at once',
    says: 'Now fifty events race for their places in one log.',
    async run({ client, crowd }) {
      const path = `/sessions/${crowd.sessionId}/events`;
      const events = oneTo(50).map((n) => ({ eventId: `racer-${n}`, type: 'system', payload: { n } }));
      client.showRequest('POST', path, events[0]);
      const answers = await Promise.all(events.map((event) => client.post(path, event)));
      line(`  50 requests at the same time: ${describe(tally(answers.map((answer) => answer.status)))}`);
      const sequences = answers.map(({ body }) => body.sequence).sort((a, b) => a - b);
      same('the sequences given', sequences, oneTo(51).slice(1));
      const { body } = await client.get(`/sessions/${crowd.sessionId}?sort=sequence&limit=100`);
      same('the sequences read', body.events.map(({ sequence }) => sequence), oneTo(51)); // oxfmt-ignore
      fields([
        ['sequences', `${sequences[0]} to ${sequences.at(-1)}, each once`],
        ['total', body.pagination.total],
      ]);
      return 'Every event got a place of its own: 2 to 51, no gap, no number twice.';
    },
  },
  {
    title: 'An event that is older than the one before it',
    says: 'Clients’ buffers empty late. The log keeps the order of arrival, and time has an order of its own: readers choose.',
    async run({ client, call }) {
      const path = `/sessions/${call.session.sessionId}`;
      const event = {
        eventId: 'evt-31',
        type: 'system',
        payload: { event: 'network_jitter', peakMs: 180 },
        timestamp: new Date(call.start + 28_000).toISOString(),
      };
      const answer = await client.show('POST', `${path}/events`, event);
      status(answer, 201);
      same('the sequence', answer.body.sequence, 31);
      call.stored.push(answer.body);
      line();

      client.showRequest('GET', `${path}?sort=timestamp`);
      const byTime = await client.get(`${path}?limit=100`);
      const place = byTime.body.events.findIndex(({ sequence }) => sequence === 31);
      printEvents(byTime.body.events.slice(place - 1, place + 2), call.start);
      same('its neighbours by time', sequences(byTime).slice(place - 1, place + 2), [12, 31, 13]);
      line();

      client.showRequest('GET', `${path}?sort=sequence`);
      const byLog = await client.get(`${path}?sort=sequence&limit=100`);
      printEvents(byLog.body.events.slice(-2), call.start);
      same('the order of the log', sequences(byLog), oneTo(31));
      return 'It is number 31 in the log, and stands between 12 and 13 in time, the default order.';
    },
  },
];

export const sequences = ({ body }) => body.events.map(({ sequence }) => sequence);
