import { type Agent, request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';

/** A request as it goes out, byte for byte: no client library normalises its path, body or headers. */
export interface ExactRequest {
  readonly method?: string;
  /** With its query; percent-encoded by the caller, or deliberately not. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed JSON; undefined where the answer is something else. */
  readonly body: Body;
}

/** Sends one request over the agent's connections and reads the whole answer. */
export function send(origin: string, agent: Agent, exact: ExactRequest): Promise<Answer> {
  const { method = 'GET', path, headers = {}, body } = exact;
  const { hostname: name, port } = new URL(origin);
  const hostname = name.replace(/^\[|\]$/g, ''); // of an IPv6 address
  return new Promise((resolve, reject) => {
    const outgoing = request({ agent, hostname, port, method, path, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text,
          body: parse(incoming.headers, text),
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function parse(headers: IncomingHttpHeaders, text: string): unknown {
  const isJson = headers['content-type']?.startsWith('application/json') === true && text !== '';
  return isJson ? (JSON.parse(text) as unknown) : undefined;
}

/** A connection on which a test writes the bytes of HTTP itself, for requests that no client would make. */
export interface RawConnection {
  write(text: string | Buffer): void;
  /** Waits until what was received contains `text`. */
  received(text: string): Promise<void>;
  /** Waits for the server to close the connection. @returns everything it sent. */
  closed(): Promise<string>;
  /** Takes nothing more of what the service sends, until `resume`. */
  pause(): void;
  resume(): void;
  /** Closes the connection, whatever is on its way. */
  leave(): void;
}

/** Opens a connection to an origin. */
export async function openRaw(origin: string): Promise<RawConnection> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname).setEncoding('utf8');
  let all = '';
  socket.on('data', (text: string) => (all += text));
  const closed = new Promise<string>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => {
      resolve(all);
    });
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  return {
    write: (text) => socket.write(text),
    closed: () => closed,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    leave: () => socket.destroy(),
    received: async (text) => {
      while (!all.includes(text)) {
        await new Promise((resolve, reject) => {
          socket.once('data', resolve);
          socket.once('close', () => {
            reject(new Error(`Closed without "${text}": ${all}`));
          });
        });
      }
    },
  };
}
