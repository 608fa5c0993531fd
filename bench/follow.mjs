import { once } from 'node:events';
import { request } from 'node:http';

/** Opens a stream of a session's events. @returns `events`, the number received so far, and `close`. */
export async function follow(target, sessionId) {
  const outgoing = request(`${target.url}/sessions/${sessionId}/events/stream`, { agent: false }).end();
  const [incoming] = await once(outgoing, 'response');
  if (incoming.statusCode !== 200) throw new Error(`A stream was answered ${incoming.statusCode}`);
  const stream = { events: 0, close: () => outgoing.destroy() };
  let rest = '';
  incoming.setEncoding('utf8').on('data', (text) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop();
    stream.events += blocks.filter((block) => block.includes('event: event\n')).length;
  });
  incoming.on('error', () => undefined); // it is closed at the end
  return stream;
}
