import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

interface Passed {
  readonly status: number;
  readonly text: string;
}

/** A request on its way to a service. */
interface Met {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The session that it is about, if any. */
  readonly sessionId: string;
  readonly pass: () => Promise<Passed>;
  readonly answer: (passed: Passed) => void;
}

/** A way to a service that may do as it likes with each request. */
export async function proxyTo(
  to: string,
  meet: (met: Met) => Promise<void> | void,
): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      const { method = 'GET', url = '' } = request;
      return meet({
        request,
        response,
        sessionId: url === '/sessions' ? idIn(body) : (/^\/sessions\/([^/]+)/.exec(url)?.[1] ?? ''),
        pass: async () => {
          const headers = { 'Content-Type': 'application/json' };
          const answer = await fetch(to + url, { method, headers, ...(body && { body }) });
          return { status: answer.status, text: await answer.text() };
        },
        answer: (passed) =>
          response.writeHead(passed.status, { 'Content-Type': 'application/json' }).end(passed.text),
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A slow way to a service on which sessions overtake each other, and a second request of one at a time is refused. */
export async function oneAtATime(to: string) {
  const underWay: string[] = [];
  let mostAtOnce = 0;
  const proxy = await proxyTo(to, async ({ sessionId, pass, answer }) => {
    const isAlone = !underWay.includes(sessionId);
    underWay.push(sessionId);
    mostAtOnce = Math.max(mostAtOnce, underWay.length);
    await sleep(Math.random() * 20);
    const passed = await pass();
    underWay.splice(underWay.indexOf(sessionId), 1);
    answer(isAlone ? passed : { status: 400, text: '{"message":"one of this session is under way"}' });
  });
  return { ...proxy, mostAtOnce: () => mostAtOnce };
}

/** A way to a service on which every other request meets something else than its answer. */
export async function unreliable(to: string): Promise<{ server: Server; origin: string }> {
  let requests = 0;
  return proxyTo(to, async ({ request, response, pass, answer }) => {
    const trouble = requests++ % 8;
    if (trouble === 1) response.writeHead(503, { 'Retry-After': '1' }).end('<h1>later</h1>');
    else if (trouble === 3) response.writeHead(429).end();
    else if (trouble === 5) request.socket.destroy();
    else {
      const passed = await pass();
      if (trouble === 7) request.socket.destroy(); // it was done, and nobody hears of it
      else answer(passed);
    }
  });
}

/** The id of the session whose JSON a text begins with. */
export function idIn(text: string): string {
  return /^\{"sessionId":"([^"]+)"/.exec(text)?.[1] ?? '';
}
