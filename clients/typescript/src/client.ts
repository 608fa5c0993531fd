import { MismatchError, UnreadableError } from './errors.js';
import { follow } from './follow.js';
import { newId } from './ids.js';
import { appendInParts, batchesOf, placeId } from './record.js';
import { linesOf } from './streams.js';
import { parseJson, Transport, type Request } from './transport.js';
import type * as Api from './types.js';

interface Written<T> {
  readonly body: T;
  readonly outcome: Api.Outcome;
}

/**
 * A client of the Conversation Session Service. It retries refused and broken connections, and the statuses 408, 429,
 * 502, 503 and 504, with growing, random pauses no shorter than `Retry-After`; every request is safe to repeat.
 *
 * Every method throws ServiceError if the service refuses, or still answers with such a status when the time is up;
 * NoAnswerError if the time is up without an answer; UnreadableError if what answers is not the service; and the reason
 * of an aborted signal. A mistake of the program or of its environment, such as a TypeError of `fetch`, is thrown at once.
 */
export class ConversationClient {
  private readonly transport: Transport;

  /** @throws TypeError if `baseUrl` is not the address of a service. */
  constructor(options: Api.ClientOptions) {
    this.transport = new Transport(options);
  }

  /** Creates a session, or returns the existing one. @throws MismatchError if that was created with other content. */
  async createSession(
    session: Api.NewSession,
    options: Api.WriteOptions = {},
  ): Promise<Api.Outcome & { readonly session: Api.Session }> {
    const { body, outcome } = await this.write<Api.Session>('/sessions', session, options);
    if (outcome.mismatch && options.onMismatch !== 'return') {
      throw new MismatchError(`Session "${session.sessionId}" was created with other content`, [body]);
    }
    return { session: body, ...outcome };
  }

  /**
   * Appends an event to a session once, however often it has to be sent.
   *
   * @throws MismatchError if an event with other content is stored under its id.
   */
  async append(
    sessionId: string,
    event: Api.NewEvent,
    options: Api.WriteOptions = {},
  ): Promise<Api.BatchResult> {
    const path = `${pathOf(sessionId)}/events`;
    const { body, outcome } = await this.write<Api.SessionEvent>(path, withId(event), options);
    const result = { event: body, ...outcome };
    checkMismatches([result], options);
    return result;
  }

  /**
   * Appends up to 100 events in order.
   *
   * @returns the result for each.
   * @throws MismatchError if events with other content are stored under some of the ids. The others are stored then.
   */
  async appendBatch(
    sessionId: string,
    events: readonly Api.NewEvent[],
    options: Api.WriteOptions = {},
  ): Promise<readonly Api.BatchResult[]> {
    const path = `${pathOf(sessionId)}/events/batch`;
    const batch = { events: events.map(withId) };
    const { results } = (await this.write<{ readonly results: Api.BatchResult[] }>(path, batch, options))
      .body;
    checkMismatches(results, options);
    return results;
  }

  /** Ends a session, or returns how it ended. */
  async complete(
    sessionId: string,
    end: Api.End = {},
    options: Api.CallOptions = {},
  ): Promise<Api.Outcome & { readonly session: Api.Session }> {
    const { body, outcome } = await this.write<Api.Session>(`${pathOf(sessionId)}/complete`, end, options);
    return { session: body, ...outcome };
  }

  /**
   * Stores a whole conversation, or a part of it: creates the session if there is none, appends the events in batches,
   * and ends it if the recording has an end. Events without an id get one by their place, so that the same recording can
   * be stored again without a further effect. A session that exists stays as it was created.
   *
   * @throws MismatchError if events with other content are stored under some of the ids; those up to the end of that
   * batch are stored then, and the session is not ended.
   * @throws ServiceError whose places, as `events[250].payload`, are those of `recording.events`.
   */
  async record(recording: Api.Recording, options: Api.WriteOptions = {}): Promise<Api.Recorded> {
    const { sessionId } = recording.session;
    const { session } = await this.createSession(recording.session, { ...options, onMismatch: 'return' });
    const events = recording.events.map((event, index) => ({
      ...event,
      eventId: event.eventId ?? placeId(index + 1),
    }));
    const results: Api.BatchResult[] = [];
    const append = (part: readonly Api.NewEvent[]) => this.appendBatch(sessionId, part, options);
    for (const batch of batchesOf(events)) {
      results.push(...(await appendInParts(append, batch, results.length)));
    }
    const replayed = results.filter((result) => result.replayed).length;
    return {
      session: recording.end ? (await this.complete(sessionId, recording.end, options)).session : session,
      stored: results.length - replayed,
      replayed,
      mismatches: results.filter(({ mismatch }) => mismatch).map(({ event }) => event),
    };
  }

  /** Changes metadata or the language of a session. */
  patch(sessionId: string, patch: Api.SessionPatch, options: Api.CallOptions = {}): Promise<Api.Session> {
    const headers = { 'Content-Type': 'application/merge-patch+json' };
    return this.json(pathOf(sessionId), options, { method: 'PATCH', body: patch, headers });
  }

  /** Deletes a session with its events permanently. */
  async delete(sessionId: string, options: Api.CallOptions = {}): Promise<void> {
    await this.transport.send(pathOf(sessionId), { method: 'DELETE' }, options);
  }

  /** Takes the content of an event away permanently; it keeps its place, ids, type and times. */
  async redactEvent(sessionId: string, eventId: string, options: Api.CallOptions = {}): Promise<void> {
    await this.transport.send(eventPath(sessionId, eventId), { method: 'DELETE' }, options);
  }

  /** Reads a session without its events. */
  async get(sessionId: string, options: Api.CallOptions = {}): Promise<Api.Session> {
    const {
      events: _events,
      pagination: _pagination,
      ...session
    } = await this.json<Api.SessionPage>(`${pathOf(sessionId)}?limit=1`, options);
    return session;
  }

  /** Reads an event. */
  event(sessionId: string, eventId: string, options: Api.CallOptions = {}): Promise<Api.TranscriptEvent> {
    return this.json(eventPath(sessionId, eventId), options);
  }

  /**
   * Waits for the next events of a session, or its end: at most so many seconds, then there are none.
   *
   * Where a connection can stay open, `follow` does the same better.
   */
  wait(sessionId: string, query: Api.WaitQuery = {}, options: Api.CallOptions = {}): Promise<Api.EventList> {
    const { seconds = 30, afterSequence = 0, ...others } = query;
    const path = `${pathOf(sessionId)}/events?${queryOf({ ...others, afterSequence, wait: seconds })}`;
    return this.json(path, options, { waitMs: seconds * 1000 });
  }

  /** Reads a session page by page: every event that exists at the beginning, once, even while others append. */
  read(
    sessionId: string,
    query: Api.ReadQuery = {},
    options: Api.CallOptions = {},
  ): AsyncGenerator<Api.SessionPage, void> {
    return this.pages<Api.SessionPage>(pathOf(sessionId), query, options);
  }

  /** Lists sessions page by page, newest first. */
  list(
    { metadata = {}, ...query }: Api.ListQuery = {},
    options: Api.CallOptions = {},
  ): AsyncGenerator<Api.SessionList, void> {
    const filters = Object.entries(metadata).map(([key, value]) => [`metadata.${key}`, value] as const);
    return this.pages<Api.SessionList>('/sessions', { ...query, ...Object.fromEntries(filters) }, options);
  }

  /**
   * Follows a session from its first event: each event once and in the order of the log, as soon as it is stored.
   * Broken connections are resumed where they were, for as long as it takes unless told otherwise.
   *
   * @returns the session as it ended.
   */
  follow(
    sessionId: string,
    options: Api.FollowOptions = {},
  ): AsyncGenerator<Api.TranscriptEvent, Api.Session> {
    const path = `${pathOf(sessionId)}/events/stream?afterSequence=${options.afterSequence ?? 0}`;
    const readSession = () => this.get(sessionId, { signal: options.signal });
    return follow(this.transport, path, readSession, options);
  }

  /**
   * Reads everything there is of a session, of any size: first the session, then its events in the order of the log.
   *
   * @throws UnreadableError if the export breaks off before its end.
   */
  async *export(
    sessionId: string,
    options: Api.CallOptions = {},
  ): AsyncGenerator<Api.Session | Api.SessionEvent, void> {
    const path = `${pathOf(sessionId)}/export`;
    const { response, deadline } = await this.transport.retrying(path, options, 0, () =>
      this.transport.open(path, { Accept: 'application/x-ndjson' }, options.signal),
    );
    try {
      for await (const line of linesOf(response, deadline.heard)) {
        const record = parseJson(line, path) as Api.Session | Api.SessionEvent | { readonly end: true };
        if ('end' in record) return;
        yield record;
      }
    } finally {
      deadline.close();
    }
    throw new UnreadableError(`The export of "${sessionId}" broke off`);
  }

  /** What was said in a session, as a text for people or for another program. */
  async transcript(
    sessionId: string,
    format: Api.TranscriptFormat = 'text',
    options: Api.CallOptions = {},
  ): Promise<string> {
    const path = `${pathOf(sessionId)}/transcript?format=${format}`;
    return (await this.transport.send(path, { headers: { Accept: '*/*' } }, options)).text;
  }

  private async *pages<Page extends { readonly pagination: { readonly nextCursor: string | null } }>(
    path: string,
    query: Readonly<Record<string, unknown>>,
    options: Api.CallOptions,
  ): AsyncGenerator<Page, void> {
    let cursor: unknown = query['cursor'];
    do {
      const page = await this.json<Page>(`${path}?${queryOf({ ...query, cursor })}`, options);
      yield page;
      cursor = page.pagination.nextCursor;
    } while (cursor !== null);
  }

  private async write<T>(path: string, body: unknown, options: Api.CallOptions): Promise<Written<T>> {
    const request = { method: 'POST', body, headers: { 'Content-Type': 'application/json' } };
    const { text, headers } = await this.transport.send(path, request, options);
    const outcome = {
      replayed: headers.get('idempotent-replayed') === 'true',
      mismatch: headers.get('idempotent-mismatch') === 'true',
    };
    return { body: parseJson(text, path) as T, outcome };
  }

  private async json<T>(path: string, options: Api.CallOptions, request: Request = {}): Promise<T> {
    return parseJson((await this.transport.send(path, request, options)).text, path) as T;
  }
}

/** @throws MismatchError unless it is to be returned. */
function checkMismatches(results: readonly Api.BatchResult[], { onMismatch }: Api.WriteOptions): void {
  const stored = results.filter(({ mismatch }) => mismatch).map(({ event }) => event);
  if (stored.length === 0 || onMismatch === 'return') return;
  const ids = stored.map(({ eventId }) => `"${eventId}"`).join(', ');
  throw new MismatchError(`Stored already with other content, which stays: ${ids}`, stored);
}

/** The id is generated before the first attempt, so that all attempts are for the same event. */
function withId(event: Api.NewEvent): Api.NewEvent {
  return { ...event, eventId: event.eventId ?? newId() };
}

function pathOf(sessionId: string): string {
  return `/sessions/${encodeURIComponent(sessionId)}`;
}

function eventPath(sessionId: string, eventId: string): string {
  return `${pathOf(sessionId)}/events/${encodeURIComponent(eventId)}`;
}

function queryOf(query: Readonly<Record<string, unknown>>): string {
  const known = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(known as [string, string][]).toString(); // which makes a text of any value
}
