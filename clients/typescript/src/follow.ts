import { NoAnswerError, UnreadableError } from './errors.js';
import { isPassing, pauseAfter, reasonOf, sleep } from './retries.js';
import { messagesOf } from './streams.js';
import { parseJson, type OpenStream } from './transport.js';
import { type FollowOptions, type Session, type TranscriptEvent } from './types.js';

const NO_CONTENT = 204;

/** What following a session needs of the client. */
export interface Followed {
  /** The URL of the stream, for messages. */
  readonly url: string;
  open(headers: Readonly<Record<string, string>>): Promise<OpenStream>;
  /** Reads the session, if a stream broke after its last event: a new one would have nothing to send. */
  session(): Promise<Session>;
  /** @throws if what looks like a broken connection is a mistake that stays. */
  check(error: unknown): Promise<void>;
}

/** Follows a session through broken connections. */
export async function* follow(
  followed: Followed,
  { signal, timeoutMs = Infinity, onRetry }: FollowOptions,
): AsyncGenerator<TranscriptEvent, Session> {
  const { url } = followed;
  let last: string | undefined;
  let heardAt = performance.now();
  let wellAt = heardAt;
  for (let failures = 0; ; failures++) {
    signal?.throwIfAborted();
    let failure: unknown = new Error('The stream broke off');
    let stream: OpenStream | undefined;
    try {
      stream = await followed.open({
        Accept: 'text/event-stream',
        ...(last !== undefined && { 'Last-Event-ID': last }),
      });
      if (stream.response.status === NO_CONTENT) return await followed.session();
      const heard = () => {
        stream?.heard();
        heardAt = performance.now();
      };
      for await (const { id, event, data } of messagesOf(stream.response, heard)) {
        if (event === 'session') return parseJson(data, url) as Session;
        if (event !== 'event') continue;
        const parsed = parseJson(data, url) as TranscriptEvent;
        last = id ?? last; // only now: what could not be read is sent again
        failures = 0;
        yield parsed;
        heardAt = wellAt = performance.now(); // the consumer may have taken its time
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!isPassing(error) && !(error instanceof UnreadableError)) throw error;
      await followed.check(error);
      failure = error;
    } finally {
      stream?.close();
    }
    if (!(failure instanceof UnreadableError)) wellAt = heardAt;
    const pauseMs = pauseAfter(failure, failures);
    if (performance.now() + pauseMs - wellAt > timeoutMs) {
      const message = `Nothing of use came from ${url} for ${timeoutMs} ms: ${reasonOf(failure)}`;
      throw new NoAnswerError(message, { cause: failure });
    }
    onRetry?.({ url, reason: reasonOf(failure), error: failure, failures: failures + 1, pauseMs });
    await sleep(pauseMs, signal);
  }
}
