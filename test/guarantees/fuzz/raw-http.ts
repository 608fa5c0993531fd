import { connect } from 'node:net';

/** A request as bytes, which no library corrects. */
export interface RawRequest {
  readonly method: string;
  /** Path and query as in the request line. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | undefined;
}

export interface RawAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

const TIMEOUT_MS = 10_000;
/** How long a stream of events may be silent until it is left: it does not end by itself. */
const STREAM_TIMEOUT_MS = 500;

/** Sends a request on its own connection. @throws if no complete response arrives. */
export function sendRaw(port: number, request: RawRequest): Promise<RawAnswer> {
  return sendBytes(port, toBytes(request));
}

/** The same with any bytes, HTTP or not. */
export async function sendBytes(port: number, bytes: Buffer): Promise<RawAnswer> {
  return parse(await converse(port, bytes));
}

/** The request in HTTP/1.1, with `Connection: close`, so that the response ends with the connection. */
function toBytes({ method, target, headers, body }: RawRequest): Buffer {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: close',
    ...(body ? [`Content-Length: ${body.length}`] : []),
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)]);
}

function converse(port: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    socket.on('data', (chunk) => {
      if (chunks.length === 0 && chunk.includes('text/event-stream')) socket.setTimeout(STREAM_TIMEOUT_MS);
      chunks.push(chunk);
    });
    // A server may answer and disconnect before it has read everything; its response counts.
    socket.on('error', (error) => {
      if (chunks.length === 0) reject(error);
    });
    socket.on('close', () => {
      resolve(Buffer.concat(chunks));
    });
    socket.write(bytes);
  });
}

function parse(bytes: Buffer): RawAnswer {
  const text = bytes.toString();
  const end = text.indexOf('\r\n\r\n');
  const [start = '', ...lines] = text.slice(0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(start)?.[1]);
  if (end < 0 || !status) throw new Error(`not an answer: ${JSON.stringify(text.slice(0, 200))}`);
  // An interim response (100 Continue) precedes the real one.
  if (status < 200) return parse(bytes.subarray(Buffer.byteLength(text.slice(0, end + 4))));
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const body = text.slice(end + 4);
  return { status, headers, text: headers.get('transfer-encoding') === 'chunked' ? dechunk(body) : body };
}

/** Sufficient for text with one byte per character, which is all that is sent in chunks here. */
function dechunk(body: string): string {
  let text = '';
  for (let rest = body; ;) {
    const size = parseInt(rest, 16);
    const from = rest.indexOf('\r\n') + 2;
    if (!size) return text;
    text += rest.slice(from, from + size);
    rest = rest.slice(from + size + 2);
  }
}
