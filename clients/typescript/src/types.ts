import { type components, type operations } from './openapi.js';

type Schemas = components['schemas'];
type QueryOf<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>;

export type Session = Schemas['Session'];
export type SessionEvent = Schemas['Event'];
/** An event as it is read, including whether it was late. */
export type TranscriptEvent = Schemas['TranscriptEvent'];
export type Transcript = Schemas['Transcript'];
export type SessionList = Schemas['SessionList'];

export type NewSession = Schemas['CreateSession'];
/** An event to append; if it has no id, one is generated. */
export type NewEvent = Omit<Schemas['AppendEvent'], 'eventId'> & { readonly eventId?: string };
export type End = Schemas['CompleteSession'];

export type ReadQuery = Omit<QueryOf<'readSession'>, 'page'>;
export type ListQuery = QueryOf<'listSessions'> & {
  /** For keys that the service is configured to filter by. */
  readonly metadata?: Readonly<Record<string, string>>;
};

/** The result of a write, in addition to the stored resource. */
export interface Outcome {
  /** Whether it was stored before, so that this request changed nothing. */
  readonly replayed: boolean;
  /** Whether the stored resource has other content, which stays. */
  readonly mismatch: boolean;
}

export interface CallOptions {
  /** Aborts the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the call gives up, including all attempts. */
  readonly timeoutMs?: number;
}

export interface WriteOptions extends CallOptions {
  /** Whether a replay with other content is an error (409) instead of a `mismatch`. */
  readonly strict?: boolean;
}

export interface FollowOptions {
  /** Stops it; the iteration rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** The last sequence already known. */
  readonly afterSequence?: number;
}

export interface ClientOptions {
  /** The address of the service: `http://localhost:3000`. */
  readonly baseUrl: string | URL;
  /** Milliseconds until a call gives up, including all attempts; 30,000 by default. */
  readonly timeoutMs?: number;
  /** Milliseconds until an attempt is considered lost and repeated; 10,000 by default. */
  readonly tryTimeoutMs?: number;
  /** Headers of every request, for example for a proxy with authentication. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
}
