import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceClient } from '../support/client.js';
import { type ServiceProcess } from '../support/processes.js';
import { anEvent, createSession, newId, upTo } from '../support/samples.js';

const KIB = 1024;

/** What an attacker has: connections without error handling, and time until somebody ends it. */
export interface Means {
  readonly service: ServiceProcess;
  /** Sends requests over connections of its own. */
  readonly client: ServiceClient;
  /** Opens a connection, on which nothing is read unless told otherwise. */
  readonly open: (text: string | Buffer) => Socket;
  /** Repeats something, in so many places at once, until the attack ends. */
  readonly repeat: (times: number, act: () => Promise<unknown>) => void;
  /** Closes all connections. */
  readonly leave: () => void;
}

export interface Attack {
  readonly name: string;
  /** The most memory that the process may have, in megabytes, where it has some 200 idle. */
  readonly most: number;
  /** Resolves when the attack is under way. */
  begin(means: Means): Promise<void>;
}

/** @returns the means, and what ends their use. */
export function meansAgainst(service: ServiceProcess): { means: Means; end: () => Promise<void> } {
  const { hostname, port } = new URL(service.client.origin);
  const sockets = new Set<Socket>();
  const repeated: Promise<void>[] = [];
  let isOver = false;
  const means: Means = {
    service,
    client: new ServiceClient(service.client.origin),
    open: (text) => {
      const socket = connect(Number(port), hostname).pause();
      socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
      socket.write(text);
      sockets.add(socket);
      return socket;
    },
    repeat: (times, act) => {
      for (const _ of upTo(times)) {
        repeated.push(
          (async () => {
            while (!isOver) await act().catch(() => undefined);
          })(),
        );
      }
    },
    leave: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
  const end = async () => {
    isOver = true;
    means.leave();
    means.client.close();
    await Promise.all(repeated);
  };
  return { means, end };
}

const head = (line: string, ...headers: string[]) =>
  [`${line} HTTP/1.1`, 'Host: localhost', 'Content-Type: application/json', ...headers, '', ''].join('\r\n');

function post(path: string, body: string): string {
  return head(`POST ${path}`, `Content-Length: ${Buffer.byteLength(body)}`) + body;
}

/** A session with `count` events whose payload has so many bytes. @returns its id. */
async function sessionOf({ client }: ServiceProcess, count: number, bytes: number): Promise<string> {
  const sessionId = await createSession(client);
  const payload = { text: 'x'.repeat(bytes - 20) };
  for (let stored = 0; stored < count; stored += 10) {
    const events = upTo(10).map((n) => anEvent({ eventId: `e${stored + n}`, payload }));
    await client.appendBatch(sessionId, events);
  }
  return sessionId;
}

/** Does something again and again, each time leaving after some milliseconds. */
async function comeAndGo(
  { repeat, leave }: Means,
  ms: number,
  act: () => void | Promise<void>,
): Promise<void> {
  repeat(1, async () => {
    await act();
    await sleep(ms);
    leave();
  });
  await sleep(300);
}

export const ATTACKS: readonly Attack[] = [
  {
    name: 'a client that sends batches of 3.8 MiB and does not read the responses',
    most: 600,
    begin: async ({ open, service }) => {
      const sessionId = await createSession(service.client);
      const payload = { text: 'x'.repeat(250 * KIB) };
      const body = JSON.stringify({ events: upTo(15).map(() => anEvent({ payload })) });
      open(post(`/sessions/${sessionId}/events/batch`, body).repeat(8));
      let total = 0;
      while (total < 15)
        total = (await service.client.read(sessionId, { limit: 1 })).body.pagination.total ?? 0;
    },
  },
  {
    name: '192 exports of events of 255 KiB, which nobody reads',
    most: 700,
    begin: async ({ open, service }) => {
      const sessionId = await sessionOf(service, 40, 255 * KIB);
      for (const _ of upTo(192)) open(head(`GET /sessions/${sessionId}/export`));
      await sleep(1000);
    },
  },
  {
    name: '1,500 bodies of 512 KiB to a path that is not there, without their last byte',
    most: 500,
    begin: async ({ open }) => {
      const request = Buffer.from(head('POST /nothing', `Content-Length: ${512 * KIB}`));
      const bytes = Buffer.concat([request, Buffer.alloc(512 * KIB - 1, ' ')]);
      for (const _ of upTo(15)) {
        for (const _ of upTo(100)) open(bytes);
        await sleep(100);
      }
    },
  },
  {
    name: '20 clients that pipeline 300 requests for a large file, or for metrics, and do not read the responses',
    most: 500,
    begin: (means) =>
      comeAndGo(means, 5000, () => {
        for (const path of ['/docs/swagger-ui-bundle.js', '/metrics'])
          for (const _ of upTo(20)) means.open(head(`GET ${path}`).repeat(300));
      }),
  },
  {
    name: '300 pages of 100 events of 40 KB, at once',
    most: 900,
    begin: async (means) => {
      const sessionId = await sessionOf(means.service, 100, 40_000);
      await comeAndGo(means, 3000, () => {
        for (const _ of upTo(300))
          means.open(head(`GET /sessions/${sessionId}?limit=100`, 'Connection: close')).resume();
      });
    },
  },
  {
    name: '900 lists of 100 sessions with metadata of 15 KiB, at once',
    most: 900,
    begin: async (means) => {
      const metadata = { text: 'x'.repeat(15 * KIB) };
      await Promise.all(upTo(100).map(() => createSession(means.service.client, { metadata })));
      await comeAndGo(means, 3000, async () => {
        for (const count of [100, 400, 400]) {
          for (const _ of upTo(count))
            means.open(head('GET /sessions?limit=100', 'Connection: close')).resume();
          await sleep(100);
        }
      });
    },
  },
  {
    name: 'ten clients that repeat a batch of 100 known ids with other content',
    most: 900,
    begin: async ({ service, client, repeat }) => {
      const sessionId = await sessionOf(service, 100, 250 * KIB);
      const events = upTo(100).map((n) => anEvent({ eventId: `e${n}`, payload: {} }));
      repeat(10, () => client.appendBatch(sessionId, events));
    },
  },
  {
    name: '30 clients that repeat batches of 2 MB of empty objects',
    most: 900,
    begin: async ({ client, repeat }) => {
      const sessionId = await createSession(client);
      const many = `[${'{},'.repeat(80 * KIB)}{}]`;
      const event = () => `{"eventId":"${newId()}","type":"system","payload":{"many":${many}}}`;
      repeat(30, async () => {
        const body = `{"events":[${upTo(8).map(event).join()}]}`;
        await client.postText(`/sessions/${sessionId}/events/batch`, body);
      });
    },
  },
];
