import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { pathOf } from './client.js';

/** One block of a stream of server-sent events, as it was written. */
export interface Block {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly retry?: string;
  /** The text of a comment. */
  readonly comment?: string;
}

/** A stream of server-sent events, read byte by byte: no client library forgives or reconnects. */
export interface OpenStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What was received so far. */
  readonly blocks: readonly Block[];
  /** The sequences of the events received so far. */
  sequences(): number[];
  /** Waits until the blocks received meet a condition. */
  until(condition: (blocks: readonly Block[]) => boolean): Promise<void>;
  /** Waits for the end. @returns whether it was a clean one. */
  ended(): Promise<boolean>;
  /** Leaves. */
  close(): void;
}

/** Opens the stream of a session. */
export async function openStream(
  origin: string,
  sessionId: string,
  { query = '', headers = {} }: { query?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<OpenStream> {
  const outgoing = request(`${origin}${pathOf(sessionId)}/events/stream${query}`, { headers, agent: false });
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const blocks: Block[] = [];
  let rest = '';
  incoming.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n\n');
    rest = parts.pop() ?? '';
    blocks.push(...parts.map(parse));
    incoming.emit('blocks');
  });
  incoming.on('error', () => undefined); // told by `ended`
  const closed = new Promise<boolean>((resolve) => {
    incoming.once('close', () => {
      incoming.emit('blocks');
      resolve(incoming.complete);
    });
  });
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    blocks,
    sequences: () => blocks.filter(({ event }) => event === 'event').map(({ id }) => Number(id)),
    until: async (condition) => {
      while (!condition(blocks)) {
        if (incoming.closed) throw new Error(`The stream ended too early: ${JSON.stringify(blocks)}`);
        await once(incoming, 'blocks');
      }
    },
    ended: () => closed,
    close: () => outgoing.destroy(),
  };
}

function parse(text: string): Block {
  return Object.fromEntries(
    text.split('\n').map((line) => {
      const [, field = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
      return [field || 'comment', value];
    }),
  );
}
