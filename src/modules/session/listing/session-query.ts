import { type Session } from '../schemas/session.schema.js';
import { type SessionStatus } from '../session-status.js';

export const SESSION_ORDERS = ['desc', 'asc'] as const;
export type SessionOrder = (typeof SESSION_ORDERS)[number];

/** A filter of sessions; undefined fields do not restrict. */
export interface SessionFilter {
  /** Any of these statuses: each once, in the order of a session's life. */
  readonly statuses?: readonly SessionStatus[] | undefined;
  /** Started at this time or later. */
  readonly from?: Date | undefined;
  /** Started before this time. */
  readonly to?: Date | undefined;
  /** Keys of the metadata with the value each must have, in the order of their names. */
  readonly metadata: readonly (readonly [key: string, value: string])[];
}

/** A session's place in the list, which never changes. */
export type SessionKey = Pick<Session, 'startedAt' | 'sessionId'>;

/** Filter and order: what stays the same from page to page. */
export interface SessionSelection {
  readonly filter: SessionFilter;
  readonly order: SessionOrder;
}

/** One page of a selection: the first, or the one after a given session. */
export interface SessionQuery extends SessionSelection {
  readonly limit: number;
  readonly after?: SessionKey | undefined;
}
