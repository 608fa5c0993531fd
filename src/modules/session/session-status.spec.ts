import { describe, expect, it } from '@jest/globals';
import { canMove, SESSION_STATUSES, statesBefore, type SessionStatus } from './session-status.js';

const ALLOWED: [SessionStatus, SessionStatus][] = [
  ['initiated', 'active'],
  ['initiated', 'completed'],
  ['initiated', 'failed'],
  ['active', 'completed'],
  ['active', 'failed'],
];

const ALL = SESSION_STATUSES.flatMap((from) => SESSION_STATUSES.map((to) => [from, to] as const));
const isAllowed = (from: SessionStatus, to: SessionStatus) =>
  ALLOWED.some(([a, b]) => a === from && b === to);

describe('the status of a session', () => {
  it.each(ALLOWED)('goes from %s to %s', (from, to) => {
    expect(canMove(from, to)).toBe(true);
    expect(statesBefore(to)).toContain(from);
  });

  it.each(ALL.filter(([from, to]) => !isAllowed(from, to)))('never goes from %s to %s', (from, to) => {
    expect(canMove(from, to)).toBe(false);
    expect(statesBefore(to)).not.toContain(from);
  });
});
