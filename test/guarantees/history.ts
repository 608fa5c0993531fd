import {
  type BatchBody,
  type ErrorBody,
  type EventBody,
  type JsonObject,
  type ReadBody,
  type SessionBody,
} from '../support/representations.js';

/** An event; `late` where it was read with its session. */
export type Event = EventBody & { readonly redactedAt?: string; readonly late?: boolean };

export interface AppendBody {
  readonly eventId: string;
  readonly type: string;
  readonly payload: JsonObject;
  readonly timestamp?: string;
}

export interface ReadQuery {
  readonly limit: number;
  readonly sort: 'timestamp' | 'sequence';
  readonly order: 'asc' | 'desc';
  readonly page?: number;
  readonly cursor?: string;
}

/** What clients ask for, by the kind of request. */
export interface Requests {
  readonly create: {
    readonly body: { readonly sessionId: string; readonly language: string; readonly metadata: JsonObject };
    readonly strict: boolean;
  };
  readonly append: { readonly body: AppendBody; readonly strict: boolean };
  readonly batch: { readonly body: { readonly events: readonly AppendBody[] } };
  readonly patch: { readonly body: { readonly metadata: JsonObject } };
  readonly complete: { readonly body: { readonly status?: 'completed' | 'failed' } };
  readonly delete: object;
  readonly redact: { readonly eventId: string };
  /** `walk`: the number of a walk by cursor, and of the page in it. */
  readonly read: {
    readonly query: ReadQuery;
    readonly walk?: { readonly walk: number; readonly step: number };
  };
}
export type Kind = keyof Requests;

/** What a success shows. */
interface Resources {
  readonly create: SessionBody;
  readonly append: Event;
  readonly batch: BatchBody;
  readonly patch: SessionBody;
  readonly complete: SessionBody;
  readonly delete: null;
  readonly redact: null;
  readonly read: ReadBody;
}

export interface Answer<Body = Resources[Kind]> {
  readonly status: number;
  /** `Idempotent-Replayed: true`. */
  readonly replayed: boolean;
  /** `Idempotent-Mismatch: true`. */
  readonly mismatch: boolean;
  readonly retryAfter: string | undefined;
  /** An error from status 400 on. */
  readonly body: Body | ErrorBody;
}

/** One HTTP request, and what is known of its outcome. A retry is an exchange of its own. */
export interface Exchange<K extends Kind = Kind> {
  readonly kind: K;
  readonly sessionId: string;
  readonly instance: string;
  readonly request: Requests[K];
  /** Milliseconds of one monotonic clock, taken before the first byte is sent … */
  readonly sentAt: number;
  /** … and after the last byte of the response was read, or the connection was lost. */
  readonly endedAt: number;
  /** Absent if the response was lost; then it is unknown whether the request was served. */
  readonly answer?: Answer<Resources[K]>;
}

/** A session according to the export of one instance, after everything has come to rest. */
export interface FinalSession {
  readonly sessionId: string;
  readonly instance: string;
  /** Null if there is no such session (any more). */
  readonly session: SessionBody | null;
  /** Whether it is reported as deleted. */
  readonly deleted: boolean;
  /** In the order of the log. */
  readonly events: readonly Event[];
  /** Its transcript, as text. */
  readonly transcript: string;
  /** Why this is not the whole of it. */
  readonly fault?: string;
}

/** A document of the store about a session: its own, or one of its log. */
export interface StoredDocument {
  readonly collection: 'sessions' | 'events';
  /** Those that are not empty. */
  readonly fields: readonly string[];
  readonly eventId?: string;
}

/** What the store itself holds of a session. */
export interface Look {
  readonly sessionId: string;
  /** Why it was looked at. */
  readonly after: 'deletion' | 'redaction' | 'the day';
  /** Of a redaction, the event. */
  readonly eventId?: string;
  readonly documents: readonly StoredDocument[];
}

/** One connection of a follower to the stream of a session. */
export interface Following {
  readonly sessionId: string;
  readonly instance: string;
  readonly sentAt: number;
  /** The last sequence that the follower had. */
  readonly after: number;
  readonly status: number;
  readonly shown: readonly Event[];
  /** The session, if the stream reported its end. */
  readonly end?: SessionBody;
  /** Whether the connection is over. */
  readonly isOver: boolean;
}

/** Everything that happened in a round, and what was stored at the end. */
export interface History {
  readonly exchanges: readonly Exchange[];
  /** One for each session and instance. */
  readonly final: readonly FinalSession[];
  readonly looks: readonly Look[];
  /** From one follower a session, in order. */
  readonly followings: readonly Following[];
}

/** The clock of all histories. */
export const now = (): number => performance.now();

export function is<K extends Kind>(exchange: Exchange, ...kinds: readonly K[]): exchange is Exchange<K> {
  return kinds.some((kind) => kind === exchange.kind);
}

export function ofKind<K extends Kind>(exchanges: readonly Exchange[], kind: K): Exchange<K>[] {
  return exchanges.filter((exchange) => is(exchange, kind));
}

/** The resource of a successful response; undefined if there is none. */
export function resourceOf<K extends Kind>({ answer }: Exchange<K>): Resources[K] | undefined {
  return answer && answer.status < 300 ? (answer.body as Resources[K]) : undefined;
}

/** Whether it is unknown if a request was served: there was no response, or a 503. */
export function isUnknown({ answer }: Exchange): boolean {
  return answer === undefined || answer.status >= 500;
}

/** `Map.groupBy`, which Node 20 does not have yet. */
export function groupBy<Key, Item>(items: Iterable<Item>, keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
