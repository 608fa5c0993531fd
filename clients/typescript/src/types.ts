import { type components, type operations } from './openapi.js';

type Schemas = components['schemas'];
type QueryOf<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>;

export type Session = Schemas['Session'];
export type SessionEvent = Schemas['Event'];
/** An event as it is read: with whether it came after the end. */
export type TranscriptEvent = Schemas['TranscriptEvent'];
export type Transcript = Schemas['Transcript'];
export type SessionList = Schemas['SessionList'];

export type NewSession = Schemas['CreateSession'];
/** An event to append; its id is made where it has none. */
export type NewEvent = Omit<Schemas['AppendEvent'], 'eventId'> & { readonly eventId?: string };
export type End = Schemas['CompleteSession'];

export type ReadQuery = Omit<QueryOf<'readSession'>, 'page'>;
export type ListQuery = QueryOf<'listSessions'> & {
  /** Of the keys that the service is set up to filter by. */
  readonly metadata?: Readonly<Record<string, string>>;
};

/** What came of a write besides what is stored. */
export interface Outcome {
  /** It was stored before: this changed nothing. */
  readonly replayed: boolean;
  /** What was stored before has other content. It stays. */
  readonly mismatch: boolean;
}

export interface CallOptions {
  /** Ends the call; it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the call gives up, all its tries together. */
  readonly timeoutMs?: number;
}

export interface WriteOptions extends CallOptions {
  /** Whether a replay with other content is an error (409) rather than a `mismatch`. */
  readonly strict?: boolean;
}

export interface FollowOptions {
  /** Ends it; the iteration rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** The last sequence that is known already. */
  readonly afterSequence?: number;
}

export interface ClientOptions {
  /** Where the service is: `http://localhost:3000`. */
  readonly baseUrl: string | URL;
  /** Milliseconds until a call gives up, all its tries together; 30,000. */
  readonly timeoutMs?: number;
  /** Milliseconds until a try is taken for lost, and made again; 10,000. */
  readonly tryTimeoutMs?: number;
  /** Sent with every request: for a proxy that wants to know who comes. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
}
