import { request as send, type Agent, type IncomingHttpHeaders } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly agent?: Agent;
}

/** Thrown if no complete response arrives. */
export class LostAnswer extends Error {
  override readonly name = 'LostAnswer';
}

/**
 * One HTTP request, without a retry.
 *
 * @throws LostAnswer if the connection broke, or the response was not complete in time.
 */
export function exchange({ method, url, body, headers, timeoutMs, agent }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const lose = (reason: string) => {
      clearTimeout(timer);
      outgoing.destroy();
      reject(new LostAnswer(reason));
    };
    const timer = setTimeout(() => {
      lose('timeout');
    }, timeoutMs);
    const outgoing = send(url, {
      method,
      ...(agent && { agent }),
      headers: {
        ...(text !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        }),
        ...headers,
      },
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      lose(error.code ?? error.message);
    });
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', (error: NodeJS.ErrnoException) => {
        lose(error.code ?? error.message);
      });
      incoming.on('end', () => {
        clearTimeout(timer);
        const answer = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: answer });
      });
    });
    outgoing.end(text);
  });
}
