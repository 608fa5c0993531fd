import { setTimeout as pause } from 'node:timers/promises';
import { oneTo, same, status } from '../check.mjs';
import { cut, dim, line, room } from '../terminal.mjs';

const WORDS = [
  ['bot_speech', 'Good evening, this is Ada. How can I help?'],
  ['user_speech', 'My train leaves in ten minutes. Which platform?'],
  ['system', undefined],
  ['bot_speech', 'Platform 7. You still have time for a coffee.'],
];

/** Following a session while it is recorded. */
export const following = [
  {
    title: 'Follow a call as it happens',
    says: 'One client listens with curl -N, or a browser’s EventSource; another records. Each event comes once, in the order of the log, also after a cut: the id is where to go on. At the end the session says how it ended.',
    live: true,
    async run({ client, live, pace }) {
      const path = `/sessions/${live.sessionId}`;
      status(await client.post('/sessions', { sessionId: live.sessionId, language: 'en' }), 201);
      client.showRequest('GET', `${path}/events/stream`, undefined, {}, '-N');
      const stream = await client.stream(`${path}/events/stream`);
      const seen = [];
      const listening = listen(stream, seen);
      for (const [index, [type, text]] of WORDS.entries()) {
        await pause(pace);
        const payload = text === undefined ? { tool: 'departures', platform: 7 } : { text };
        const event = { eventId: `live-${index + 1}`, type, payload };
        line(dim(cut(`      another client appends ${event.eventId}`, room())));
        status(await client.post(`${path}/events`, event), 201);
        while (seen.length <= index) await pause(10);
      }
      await pause(pace);
      line(dim('      another client ends the session'));
      status(await client.post(`${path}/complete`), 200);
      await listening;
      same('the sequences heard', seen.slice(0, -1).map(({ sequence }) => sequence), oneTo(WORDS.length)); // oxfmt-ignore
      same('the end', [seen.at(-1).status, seen.at(-1).finalSequence], ['completed', WORDS.length]);
      return 'Heard as it was said, and the stream ended with the session. Its page in a browser follows it the same way.';
    },
  },
];

/** Prints a stream as curl would, and collects the data of each event. */
async function listen(stream, seen) {
  for await (const row of linesOf(stream)) {
    if (row === '' || row.startsWith(':') || row.startsWith('retry')) continue;
    line(`  ${cut(row, room(2))}`);
    if (row.startsWith('data: ')) seen.push(JSON.parse(row.slice('data: '.length)));
  }
}

async function* linesOf(stream) {
  let begun = '';
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const rows = (begun + chunk).split('\n');
    begun = rows.pop();
    yield* rows;
  }
}
