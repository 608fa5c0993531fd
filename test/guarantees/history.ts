import {
  type AppendBody,
  type BatchBody,
  type BatchView,
  type CreateBody,
  type ErrorView,
  type EventView,
  type PatchBody,
  type ReadQuery,
  type SessionView,
  type TranscriptView,
} from './api.js';

/** The number of a walk, and of a page in it. */
export interface WalkStep {
  readonly walk: number;
  readonly step: number;
}

export interface CreateRequest {
  readonly kind: 'create';
  readonly sessionId: string;
  readonly body: CreateBody;
  readonly strict: boolean;
}

export interface AppendRequest {
  readonly kind: 'append';
  readonly sessionId: string;
  readonly body: AppendBody;
  readonly strict: boolean;
}

export interface BatchRequest {
  readonly kind: 'batch';
  readonly sessionId: string;
  readonly body: BatchBody;
}

export interface PatchRequest {
  readonly kind: 'patch';
  readonly sessionId: string;
  readonly body: PatchBody;
}

export interface DeleteRequest {
  readonly kind: 'delete';
  readonly sessionId: string;
}

export interface CompleteRequest {
  readonly kind: 'complete';
  readonly sessionId: string;
  readonly body: { readonly status?: 'completed' | 'failed' };
}

export interface ReadRequest {
  readonly kind: 'read';
  readonly sessionId: string;
  readonly query: ReadQuery;
  readonly walk?: WalkStep;
}

export type Request =
  | CreateRequest
  | AppendRequest
  | BatchRequest
  | PatchRequest
  | CompleteRequest
  | DeleteRequest
  | ReadRequest;

interface AnswerTo<Body> {
  readonly status: number;
  /** `Idempotent-Replayed: true`. */
  readonly replayed: boolean;
  /** `Idempotent-Mismatch: true`. */
  readonly mismatch: boolean;
  readonly retryAfter: string | undefined;
  /** The body; an `ErrorView` from status 400 on. */
  readonly body: Body;
}

/** One HTTP request, and what is known of its outcome. A retry is a separate exchange. */
interface ExchangeOf<R extends Request, Body> {
  readonly index: number;
  readonly instance: string;
  readonly request: R;
  /** 1 for the first, more for a retry. */
  readonly attempt: number;
  /** Milliseconds of one monotonic clock, taken before the first byte is sent … */
  readonly sentAt: number;
  /** … and after the last byte of the response was read, or the connection was lost. */
  readonly endedAt: number;
  /** Absent if the response was lost; then it is unknown whether the request was served. */
  readonly answer?: AnswerTo<Body | ErrorView>;
  /** Why there is no answer. */
  readonly lost?: string;
}

export type Create = ExchangeOf<CreateRequest, SessionView>;
export type Append = ExchangeOf<AppendRequest, EventView>;
export type Batch = ExchangeOf<BatchRequest, BatchView>;
export type Patch = ExchangeOf<PatchRequest, SessionView>;
export type Complete = ExchangeOf<CompleteRequest, SessionView>;
export type Delete = ExchangeOf<DeleteRequest, null>;
export type Read = ExchangeOf<ReadRequest, TranscriptView>;
export type Exchange = Create | Append | Batch | Patch | Complete | Delete | Read;
export type Answer = AnswerTo<SessionView | EventView | BatchView | TranscriptView | ErrorView | null>;

/** A session according to one instance, after everything has come to rest. */
export interface FinalSession {
  readonly sessionId: string;
  readonly instance: string;
  /** Null if there is no such session (any more). */
  readonly session: SessionView | null;
  /** Whether it is reported as deleted. */
  readonly deleted: boolean;
  /** In the order of the log. */
  readonly events: readonly EventView[];
}

/** What the store itself still has of a deleted session after the time for erasing. */
export interface Remains {
  readonly sessionId: string;
  /** The number of documents in its log. */
  readonly events: number;
  /** The fields of its own document, except the store's `_id`. */
  readonly fields: readonly string[];
}

/** One connection of a follower to the stream of a session. */
export interface Following {
  readonly sessionId: string;
  readonly instance: string;
  readonly sentAt: number;
  /** The last sequence that the follower had. */
  readonly after: number;
  readonly status: number;
  readonly shown: readonly EventView[];
  /** The session, if the stream reported its end. */
  readonly ends: readonly SessionView[];
}

/** Everything that happened in a round, and what was stored at the end. */
export interface History {
  readonly exchanges: readonly Exchange[];
  /** One for each session and instance. */
  readonly final: readonly FinalSession[];
  /** One for each deleted session, if the store could be examined. */
  readonly remains: readonly Remains[];
  /** From one follower per session, in order. */
  readonly followings: readonly Following[];
}

/** The clock of all histories. */
export const now = (): number => performance.now();

/** Collects the exchanges of all clients, in the order in which they ended. */
export class HistoryRecorder {
  readonly exchanges: Exchange[] = [];

  add(exchange: Omit<Exchange, 'index'>): Exchange {
    const recorded = { ...exchange, index: this.exchanges.length } as Exchange;
    this.exchanges.push(recorded);
    return recorded;
  }
}

export function isCreate(exchange: Exchange): exchange is Create {
  return exchange.request.kind === 'create';
}

export function isAppend(exchange: Exchange): exchange is Append {
  return exchange.request.kind === 'append';
}

export function isBatch(exchange: Exchange): exchange is Batch {
  return exchange.request.kind === 'batch';
}

export function isPatch(exchange: Exchange): exchange is Patch {
  return exchange.request.kind === 'patch';
}

export function isDelete(exchange: Exchange): exchange is Delete {
  return exchange.request.kind === 'delete';
}

export function isComplete(exchange: Exchange): exchange is Complete {
  return exchange.request.kind === 'complete';
}

export function isRead(exchange: Exchange): exchange is Read {
  return exchange.request.kind === 'read';
}

/** The resource of a successful response; undefined if there is none. */
export function resourceOf(exchange: Create | Patch | Complete): SessionView | undefined;
export function resourceOf(exchange: Append): EventView | undefined;
export function resourceOf(exchange: Read): TranscriptView | undefined;
export function resourceOf(exchange: Batch): BatchView | undefined;
export function resourceOf(exchange: Exchange): Answer['body'] | undefined {
  const { answer } = exchange;
  return answer && answer.status < 300 ? answer.body : undefined;
}

/** Whether it is unknown if a request was served: there was no response, or a 503. */
export function isUnknown({ answer }: Exchange): boolean {
  return answer === undefined || answer.status >= 500;
}

/** Whether the response reports the session as deleted. */
export function isGone({ answer }: Exchange): boolean {
  return answer?.status === 410;
}
