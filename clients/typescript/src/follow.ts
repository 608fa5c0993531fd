import { NoAnswerError } from './errors.js';
import { messagesOf } from './streams.js';
import { parseJson, type OpenStream, type Transport } from './transport.js';
import { type FollowOptions, type Session, type TranscriptEvent } from './types.js';

const NO_CONTENT = 204;

/**
 * Follows a session through broken connections.
 *
 * @param readSession used if a stream broke after its last event, since a new one would have nothing to send.
 */
export async function* follow(
  transport: Transport,
  path: string,
  readSession: () => Promise<Session>,
  { signal, timeoutMs = Infinity, onRetry = transport.onRetry }: FollowOptions,
): AsyncGenerator<TranscriptEvent, Session> {
  const url = transport.urlOf(path);
  let last: string | undefined;
  let heardAt = performance.now();
  for (let failures = 0; ; failures++) {
    signal?.throwIfAborted();
    let failure: unknown = new NoAnswerError('The stream broke off');
    let stream: OpenStream | undefined;
    try {
      const position = last !== undefined && { 'Last-Event-ID': last };
      stream = await transport.open(path, { Accept: 'text/event-stream', ...position }, signal);
      if (stream.response.status === NO_CONTENT) return await readSession();
      const heard = () => {
        stream?.deadline.heard();
        heardAt = performance.now();
      };
      for await (const { id, event, data } of messagesOf(stream.response, heard)) {
        if (event === 'session') return parseJson(data, url) as Session;
        if (event !== 'event') continue;
        const parsed = parseJson(data, url) as TranscriptEvent;
        last = id ?? last;
        failures = 0;
        yield parsed;
        heardAt = performance.now(); // the consumer may have taken its time
      }
    } catch (error) {
      failure = error;
    } finally {
      stream?.deadline.close();
    }
    await transport.pause(failure, { url, failures, end: heardAt + timeoutMs, timeoutMs, signal, onRetry });
  }
}
