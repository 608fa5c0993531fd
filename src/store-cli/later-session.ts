import { canMove, SESSION_STATUSES, type SessionStatus } from '../modules/session/session-status.js';
import { type Fields, haveSameFields } from './documents.js';

/** What is left of a session that is deleted, beside when that was. */
const IDENTITY = ['_id', 'sessionId'];
/** What its end sets, once; and what a patch sets. All else of a session stays what it is until it is deleted. */
const END = ['status', 'endedAt', 'endedAtGiven', 'finalSequence', 'endedBy'];
const METADATA = ['metadata', 'filterable', 'metadataRevision', 'createdMetadata'];

/** Whether `after` is the session `before` at a later time: it was copied, and the service went on. */
export function wentOn(before: Fields, after: Fields): boolean {
  if (!isStatus(before['status'])) return false; // it is no session, or a deleted one
  if (isDeleted(after)) return haveSame(IDENTITY, before, after);
  return (
    haveSameFields(without(before, [...END, ...METADATA]), without(after, [...END, ...METADATA])) &&
    movedOn(before, after) &&
    patchedOn(before, after)
  );
}

/** Whether all that is left of a session is its id, and when it was deleted. */
export function isDeleted(session: Fields): boolean {
  return session['deletedAt'] !== undefined;
}

/** A query for a session that has not changed since it was read. */
export function unchanged(session: Fields): Fields {
  const { _id, status, metadataRevision = null } = session as Record<string, unknown>;
  return { _id, status, metadataRevision }; // null finds what is absent
}

function movedOn(before: Fields, after: Fields): boolean {
  const [from, to] = [before['status'], after['status']] as unknown[];
  return haveSame(END, before, after) || (isStatus(from) && isStatus(to) && canMove(from, to));
}

function patchedOn(before: Fields, after: Fields): boolean {
  if (haveSame(METADATA, before, after)) return true;
  const isLater = revisionOf(before) < revisionOf(after);
  return isLater && haveSameFields(createdMetadataOf(before), createdMetadataOf(after));
}

function revisionOf(session: Fields): number {
  return Number((session['metadataRevision'] as unknown) ?? 0);
}

function createdMetadataOf(session: Fields): Fields {
  return (session['createdMetadata'] ?? session['metadata']) as Fields;
}

function isStatus(value: unknown): value is SessionStatus {
  return SESSION_STATUSES.some((status) => status === value);
}

function haveSame(names: readonly string[], a: Fields, b: Fields): boolean {
  return haveSameFields(pick(a, names), pick(b, names));
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, fields[name] as unknown]));
}

function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
