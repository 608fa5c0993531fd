import { ServiceError } from './errors.js';
import { eitherOf, isPassing, pauseAfter, sleep } from './retries.js';
import { messagesOf } from './server-sent-events.js';
import { type Session, type TranscriptEvent } from './types.js';

/** The service sends something every 15 s; a connection that is silent for longer than this is considered lost. */
const SILENCE_MS = 45_000;
const NO_CONTENT = 204;

/**
 * Follows a session through broken connections.
 *
 * @param open opens the stream.
 * @param readSession used if a stream broke after its last event, since a new one would have nothing to send.
 */
export async function* follow(
  open: (headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<Response>,
  readSession: () => Promise<Session>,
  signal: AbortSignal | undefined,
): AsyncGenerator<TranscriptEvent, Session> {
  let last: string | undefined;
  for (let failures = 0; ; failures++) {
    signal?.throwIfAborted();
    const connection = new AbortController();
    const cut = () => {
      connection.abort(new Error(`Nothing came for ${SILENCE_MS} ms`));
    };
    let silence = setTimeout(cut, SILENCE_MS);
    let failure: unknown;
    try {
      const headers = { Accept: 'text/event-stream', ...(last !== undefined && { 'Last-Event-ID': last }) };
      const response = await open(headers, eitherOf(connection.signal, signal));
      if (response.status === NO_CONTENT) return await readSession();
      if (!response.ok || !response.body) throw await ServiceError.from(response);
      const heard = () => {
        clearTimeout(silence);
        silence = setTimeout(cut, SILENCE_MS);
      };
      for await (const { id, event, data } of messagesOf(response.body, heard)) {
        last = id ?? last;
        if (event === 'session') return JSON.parse(data ?? '') as Session;
        if (event !== 'event') continue;
        failures = 0;
        yield JSON.parse(data ?? '') as TranscriptEvent;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!isPassing(error)) throw error;
      failure = error;
    } finally {
      clearTimeout(silence);
      connection.abort();
    }
    await sleep(pauseAfter(failure, failures), signal);
  }
}
