import { canMove, SESSION_STATUSES, type SessionStatus } from '../modules/session/session-status.js';
import { type Fields, haveSameFields } from './documents.js';

/** What a deleted session keeps, besides the time of deletion. */
const IDENTITY = ['_id', 'sessionId'];
/**
 * The fields that the end sets, once, and those that a patch sets. All others stay the same until the session is
 * deleted.
 */
const END = ['status', 'endedAt', 'endedAtGiven', 'finalSequence', 'endedBy'];
const METADATA = ['metadata', 'filterable', 'metadataRevision', 'createdMetadata'];

/** Whether `after` is a later state of the session `before`, that is, the service has changed it after it was copied. */
export function wentOn(before: Fields, after: Fields): boolean {
  if (!isStatus(before['status'])) return false; // not a session, or a deleted one
  if (isDeleted(after)) return haveSame(IDENTITY, before, after);
  return (
    haveSameFields(without(before, [...END, ...METADATA]), without(after, [...END, ...METADATA])) &&
    movedOn(before, after) &&
    patchedOn(before, after)
  );
}

/** Whether only the session's id and the time of its deletion are left. */
export function isDeleted(session: Fields): boolean {
  return session['deletedAt'] !== undefined;
}

/** A query that matches the session only if it has not changed since it was read. */
export function unchanged(session: Fields): Fields {
  const { _id, status, metadataRevision = null } = session as Record<string, unknown>;
  return { _id, status, metadataRevision }; // null matches absent fields
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
