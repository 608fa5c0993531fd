import { headers, same, status } from '../check.mjs';
import { cut, dim, line, room } from '../terminal.mjs';

/** What the service refuses and how, and its state. */
export const refusing = [
  {
    title: 'What is not there',
    says: 'An unknown session is a 404 wherever it is asked for. Every error has the same shape and a code to switch on.',
    async run({ client }) {
      const answer = await client.show('GET', '/sessions/nobody-called');
      status(answer, 404);
      same('the error code', answer.body.code, 'SESSION_NOT_FOUND');
      for (const row of JSON.stringify(answer.body, null, 2).split('\n')) line(dim(`  ${row}`));
      const event = { eventId: 'e', type: 'system', payload: {} };
      status(await client.post('/sessions/nobody-called/events', event), 404);
      status(await client.post('/sessions/nobody-called/complete'), 404);
      return '404 on all three paths of an unknown session, as SESSION_NOT_FOUND.';
    },
  },
  {
    title: 'What is not right',
    says: 'Whatever a client sends gets an answer that names the place. Nothing is corrected or dropped in silence.',
    async run({ client, call }) {
      const path = `/sessions/${call.session.sessionId}`;
      const event = { eventId: 'evt-99', type: 'system', payload: {} };
      const attempts = [
        ['POST', '/sessions', { sessionId: 'two words', language: 'English!' }, 400, 'VALIDATION_FAILED'],
        ['POST', `${path}/events`, { ...event, type: { $ne: null } }, 400, 'VALIDATION_FAILED'],
        ['POST', `${path}/events`, { ...event, timestamp: '2026-02-30T12:00:00Z' }, 400, 'VALIDATION_FAILED'],
        ['POST', `${path}/events`, '{"eventId":"evt-99","payload":{"__proto__":{}}', 400, 'MALFORMED_JSON'],
        ['POST', `${path}/events`, '{"eventId":"evt-99","type":"system","payload":{"a":{"__proto__":1}}}', 400, 'VALIDATION_FAILED'], // oxfmt-ignore
        ['GET', `${path}?limit=101&colour=red`, undefined, 400, 'VALIDATION_FAILED'],
        ['GET', `${path}?cursor=abcdef`, undefined, 400, 'INVALID_CURSOR'],
        ['PUT', `${path}/complete`, undefined, 405, 'METHOD_NOT_ALLOWED'],
      ];
      for (const [method, target, body, expected, code] of attempts) {
        const answer = await client.show(method, target, body);
        status(answer, expected);
        same('the error code', answer.body.code, code);
        for (const message of [answer.body.message].flat()) line(dim(`  ${cut(message, room(2))}`));
      }
      headers(await client.send('PUT', `${path}/complete`), { Allow: 'POST' });
      const { body } = await client.get(path);
      same('the events of the session', body.pagination.total, call.stored.length);
      return 'Eight slips, eight answers that name them, and nothing stored.';
    },
  },
  {
    title: 'How it is doing',
    says: 'Two probes for whoever runs it. The second one makes a round trip to the store.',
    async run({ client }) {
      for (const path of ['/health/live', '/health/ready']) {
        const answer = await client.show('GET', path);
        status(answer, 200);
        line(dim(`  ${JSON.stringify(answer.body)}`));
      }
      return 'Alive and ready.';
    },
  },
];
