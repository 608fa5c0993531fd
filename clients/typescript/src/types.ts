import { type components, type operations } from './openapi.js';

type Schemas = components['schemas'];
type QueryOf<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>;

export type SessionStatus = Schemas['Session']['status'];
export type EndStatus = NonNullable<Schemas['CompleteSession']['status']>;
export type EventType = Schemas['Event']['type'];
/** RFC 3339 with an offset, or the Unix time in seconds or milliseconds. A Date is sent as such a text. */
export type Time = string | number | Date;

export type Session = Schemas['Session'];
export type SessionEvent = Schemas['Event'];
/** An event as it is read, including whether it was late. */
export type TranscriptEvent = Schemas['TranscriptEvent'];
/** A session with a page of its events. */
export type SessionPage = Schemas['Transcript'];
/** A page of a session's log. */
export type EventList = Schemas['EventList'];
export type SessionList = Schemas['SessionList'];

export type NewSession = Omit<Schemas['CreateSession'], 'startedAt'> & { readonly startedAt?: Time };
/** An event to append; if it has no id, one is generated. */
export type NewEvent = Omit<Schemas['AppendEvent'], 'eventId' | 'timestamp'> & {
  readonly eventId?: string;
  readonly timestamp?: Time;
};
export type End = Omit<Schemas['CompleteSession'], 'endedAt'> & { readonly endedAt?: Time };
/** Metadata are changed by a JSON Merge Patch: keys that it names are set, null removes them, others stay. */
export type SessionPatch = Schemas['PatchSession'];

/** A whole conversation, as the converters of `conversation-session-client/formats` make it. */
export interface Recording {
  readonly session: NewSession;
  readonly events: readonly NewEvent[];
  /** How it ended; left out where it goes on. */
  readonly end?: End;
}

/** What came of `record`. */
export interface Recorded {
  /** The session as it is stored, with its end if the recording has one. */
  readonly session: Session;
  /** Events that were stored now. */
  readonly stored: number;
  /** Events that had been stored before. */
  readonly replayed: number;
  /** What is stored under an id with other content; empty unless `onMismatch` is `'return'`. */
  readonly mismatches: readonly SessionEvent[];
}

export type ReadQuery = Omit<QueryOf<'readSession'>, 'page'>;
export type ListQuery = QueryOf<'listSessions'> & {
  /** For keys that the service is configured to filter by. */
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
};
export type WaitQuery = Omit<QueryOf<'listEvents'>, 'wait' | 'cursor'> & {
  /** How long to wait for an event or the end, 1 to 30; 30 by default. */
  readonly seconds?: number;
};
export type TranscriptFormat = 'text' | 'vtt' | 'srt' | 'vcon';

/** The result of a write, in addition to the stored resource. */
export interface Outcome {
  /** Whether it was stored before, so that this request changed nothing. */
  readonly replayed: boolean;
  /** Whether the stored resource has other content, which stays. */
  readonly mismatch: boolean;
}

/** What came of one event of a batch. */
export type BatchResult = Outcome & { readonly event: SessionEvent };

export interface CallOptions {
  /** Aborts the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the call gives up, including all attempts. */
  readonly timeoutMs?: number | undefined;
}

export interface WriteOptions extends CallOptions {
  /** What is done if other content is stored under the id: a MismatchError by default, or `mismatch` is true. */
  readonly onMismatch?: 'throw' | 'return';
}

export interface FollowOptions {
  /** Stops it; the iteration rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The last sequence already known. */
  readonly afterSequence?: number;
  /** Milliseconds without a sign of the service until it gives up with a NoAnswerError; it never does by default. */
  readonly timeoutMs?: number;
  /** Called when the stream broke and before it is opened again. What it throws ends the iteration. */
  readonly onRetry?: (retry: Retry) => void;
}

/** A failure that is followed by another attempt. */
export interface Retry {
  readonly url: string;
  /** What went wrong, for people. */
  readonly reason: string;
  readonly error: unknown;
  /** How many attempts failed in a row. */
  readonly failures: number;
  /** The pause before the next attempt, in milliseconds. */
  readonly pauseMs: number;
}

export interface ClientOptions {
  /** The address of the service: `http://localhost:3000`. */
  readonly baseUrl: string | URL;
  /** Milliseconds until a call gives up, including all attempts; 30,000 by default. */
  readonly timeoutMs?: number;
  /** Milliseconds until an attempt is considered lost and repeated; 10,000 by default. */
  readonly tryTimeoutMs?: number;
  /** Called before each new attempt, instead of one warning on the console. What it throws ends the call. */
  readonly onRetry?: (retry: Retry) => void;
  /** Headers of every request, for example for a proxy with authentication. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
}
