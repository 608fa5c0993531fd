import { setTimeout as pause } from 'node:timers/promises';
import { oneTo, same, status } from '../check.mjs';
import { bold, dim, fields, line } from '../terminal.mjs';

const EVENTS = 200;
const WRITERS = 20;
const KILL_AFTER = 75;

/** The service is killed in the middle of its work. */
export const crashing = [
  {
    title: 'kill -9',
    says: `Twenty writers send ${EVENTS} events. In the middle of it the service is killed, without a chance to finish anything, and started again. The writers then do what clients do: whatever was not answered, they send again.`,
    async run({ client, service, call, crash }) {
      const before = (await client.get(`/sessions/${call.session.sessionId}?limit=100`)).body;
      status(await client.post('/sessions', { sessionId: crash.sessionId, language: 'en' }), 201);
      const path = `/sessions/${crash.sessionId}/events`;
      const events = oneTo(EVENTS).map((n) => ({ eventId: `w-${n}`, type: 'system', payload: { n } }));

      client.showRequest('POST', path, events[0]);
      const { pid } = service;
      const acknowledged = new Map();
      let killed;
      const waiting = [...events];
      const write = async () => {
        while (waiting.length > 0) {
          const event = waiting.shift();
          const answer = await client.post(path, event).catch(() => undefined);
          if (!answer) return; // killed before it answered: it is unknown whether the event was stored
          status(answer, 201);
          acknowledged.set(event.eventId, answer.body);
          if (acknowledged.size >= KILL_AFTER) killed ??= inTheMidst().then(() => service.kill());
        }
      };
      await Promise.all(oneTo(WRITERS).map(write));
      await killed;
      line(`${dim('$')} ${bold(`kill -9 ${pid}`)}`);
      line(`  ${acknowledged.size} of ${EVENTS} events had been acknowledged`);

      const since = performance.now();
      await service.start();
      line(
        `  ready again after ${((performance.now() - since) / 1000).toFixed(1)} s, process ${service.pid}`,
      );

      const survivors = await readAll(client, crash.sessionId);
      const lost = [...acknowledged.values()].filter(
        (event) => JSON.stringify(survivors.get(event.eventId)) !== JSON.stringify(event),
      );
      same('acknowledged events that are lost or altered', lost, []);

      const unanswered = events.filter(({ eventId }) => !acknowledged.has(eventId));
      const again = await Promise.all(unanswered.map((event) => client.post(path, event)));
      const found = again.filter((answer) => answer.headers.get('Idempotent-Replayed') === 'true').length;
      const all = await readAll(client, crash.sessionId);
      same('the sequences', [...all.values()].map(({ sequence }) => sequence), oneTo(EVENTS)); // oxfmt-ignore
      same('the call of before', (await client.get(`/sessions/${call.session.sessionId}?limit=100`)).body, before); // oxfmt-ignore
      fields([
        ['acknowledged before the kill', `${acknowledged.size}, all there, unaltered`],
        [
          'stored, but not answered',
          found === 0 ? 'none this time' : `${found}, recognised when they came again`,
        ],
        ['never arrived', `${unanswered.length - found}, stored now`],
      ]);
      return `Nothing acknowledged was lost, nothing is there twice: ${EVENTS} events, sequences 1 to ${EVENTS}. The call is as it was.`;
    },
  },
];

/** Waits until the next requests are under way, so that the kill hits some of them after storing and before answering. */
const inTheMidst = () => pause(2 + Math.random() * 4);

/** All events of a session in the order of the log, by id, without `late`. */
async function readAll(client, sessionId) {
  const events = new Map();
  let cursor = '';
  do {
    const { body } = await client.get(`/sessions/${sessionId}?limit=100&sort=sequence${cursor}`);
    for (const event of body.events) {
      delete event.late; // answers to writes leave it out
      events.set(event.eventId, event);
    }
    cursor = body.pagination.nextCursor && `&cursor=${body.pagination.nextCursor}`;
  } while (cursor);
  return events;
}
