import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { bold, cut, dim, fields, line, WIDTH } from '../terminal.mjs';

const FIFTY = Array.from({ length: 50 }, (_, index) => index + 1);
const EVENTS = 200;
const WRITERS = 20;
const KILL_AFTER = 75;

const eventOf = (n) => ({ eventId: `e-${n}`, type: 'system', payload: { n } });

/** What many clients, a kill and bad requests do. */
export const breaking = [
  {
    title: 'Fifty clients at once',
    says: 'They create one session, send one event, race for places, and end it. No locks: unique indexes decide who was first.',
    async run({ client }) {
      const sessionId = 'crowd';
      const path = `/sessions/${sessionId}`;
      const all = async (what, target, bodyOf) => {
        const responses = await Promise.all(FIFTY.map((n) => client.post(target, bodyOf(n), [200, 201])));
        const replays = responses.filter(({ headers }) => headers.get('Idempotent-Replayed')).length;
        const bodies = new Set(responses.map(({ body }) => JSON.stringify(body)));
        line([what.padEnd(38), 50 - replays, replays, bodies.size].join('\t'));
        return { replays, bodies: [...bodies].map((body) => JSON.parse(body)) };
      };
      line(dim(['fifty requests at the same time'.padEnd(38), 'new', 'again', 'different'].join('\t')));
      const created = await all('POST /sessions', '/sessions', () => ({ sessionId, language: 'en' }));
      const one = await all('POST …/events, one eventId', `${path}/events`, () => eventOf(0));
      const many = await all('POST …/events, fifty eventIds', `${path}/events`, eventOf);
      const ended = await all('POST …/complete, completed or failed', `${path}/complete`, (n) => ({
        status: n % 2 === 0 ? 'completed' : 'failed',
      }));
      for (const { replays, bodies } of [created, one, ended]) assert.equal(replays / bodies.length, 49);
      assert.deepEqual(many.bodies.map(({ sequence }) => sequence).sort((a, b) => a - b), FIFTY.map((n) => n + 1)); // oxfmt-ignore
      line();
      fields(ended.bodies[0]);
      assert.equal(ended.bodies[0].finalSequence, 51);
      return 'One session, one event, places 2 to 51 without a gap, one end.';
    },
  },
  {
    title: 'kill -9',
    says: `Twenty clients write ${EVENTS} events; amidst them the service is killed, and started again. The clients send again what was not answered.`,
    async run({ client, service, call }) {
      const sessionId = 'killed';
      const path = `/sessions/${sessionId}/events`;
      const before = await readAll(client, call.session.sessionId);
      await client.post('/sessions', { sessionId, language: 'en' });
      const events = Array.from({ length: EVENTS }, (_, index) => eventOf(index + 1));
      const acknowledged = new Map();
      const waiting = [...events];
      const { pid } = service.child;
      let killed;
      const write = async () => {
        for (let event = waiting.shift(); event; event = waiting.shift()) {
          const response = await client.post(path, event).catch((error) => {
            if (error.code === 'ERR_ASSERTION') throw error;
          });
          if (!response) return; // killed before the response: nobody knows whether the event was stored
          acknowledged.set(event.eventId, response.body);
          // A little later, so that some requests are between storing and responding.
          if (acknowledged.size >= KILL_AFTER)
            killed ??= pause(2 + Math.random() * 4).then(() => service.stop('SIGKILL'));
        }
      };
      await Promise.all(Array.from({ length: WRITERS }, write));
      await killed;
      line(`${dim('$')} ${bold(`kill -9 ${pid}`)}`);
      const since = performance.now();
      await service.start();
      const seconds = ((performance.now() - since) / 1000).toFixed(1);

      const survivors = new Map((await readAll(client, sessionId)).map((event) => [event.eventId, event]));
      for (const [eventId, event] of acknowledged) assert.deepEqual(survivors.get(eventId), event);
      const unanswered = events.filter(({ eventId }) => !acknowledged.has(eventId));
      const again = await Promise.all(unanswered.map((event) => client.post(path, event, [200, 201])));
      const found = again.filter(({ status }) => status === 200).length;
      const sequences = (await readAll(client, sessionId)).map(({ sequence }) => sequence);
      assert.deepEqual(sequences, events.map((_, index) => index + 1)); // oxfmt-ignore
      assert.deepEqual(await readAll(client, call.session.sessionId), before);
      fields({
        'ready again': `after ${seconds} s, as process ${service.child.pid}`,
        acknowledged: `${acknowledged.size}, all there, unaltered`,
        'sent again': `${unanswered.length}, of which ${found} had been stored`,
      });
      return `Nothing is lost and nothing is there twice: ${EVENTS} events, 1 to ${EVENTS}.`;
    },
  },
  {
    title: 'What is not right',
    says: 'The response names the place. Nothing is corrected or dropped in silence.',
    async run({ client, call }) {
      const path = `/sessions/${call.session.sessionId}`;
      const event = { eventId: 'x', type: 'whisper', payload: {} };
      const attempts = [
        ['POST', `${path}/events`, event, 400, 'VALIDATION_FAILED'],
        ['POST', `${path}/events`, '{"eventId":"x","type":', 400, 'MALFORMED_JSON'],
        ['GET', `${path}?limit=101`, undefined, 400, 'VALIDATION_FAILED'],
        ['GET', '/sessions/nobody-called', undefined, 404, 'SESSION_NOT_FOUND'],
      ];
      for (const [method, target, body, expected, code] of attempts) {
        const response = await client.show(method, target, expected, body);
        assert.equal(response.body.code, code);
        for (const message of [response.body.message].flat()) line(dim(cut(`  ${message}`, WIDTH - 4)));
      }
      const { total } = (await client.get(path)).body.pagination;
      assert.equal(total, call.events.length + 1);
      return 'Four mistakes, four sentences, and nothing stored.';
    },
  },
];

/** All events of a session in the order of the log, as a write's response has them. */
async function readAll(client, sessionId) {
  const events = [];
  for (let query = '?limit=100&sort=sequence'; query;) {
    const { body } = await client.get(`/sessions/${sessionId}${query}`);
    events.push(...body.events.map(({ late: _late, ...event }) => event));
    query = body.pagination.hasMore && `?limit=100&sort=sequence&cursor=${body.pagination.nextCursor}`;
  }
  return events;
}
