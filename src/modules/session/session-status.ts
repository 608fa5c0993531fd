/** All the states of a session, in the order in which they can follow each other. */
export const SESSION_STATUSES = ['initiated', 'active', 'completed', 'failed'] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

/** The states a session can be created in. */
export const INITIAL_STATUSES = ['initiated', 'active'] as const satisfies readonly SessionStatus[];
export type InitialStatus = (typeof INITIAL_STATUSES)[number];

/** The states a session can end in; both are final. */
export const END_STATUSES = ['completed', 'failed'] as const satisfies readonly SessionStatus[];
export type EndStatus = (typeof END_STATUSES)[number];

const transitions: Readonly<Record<SessionStatus, readonly SessionStatus[]>> = {
  initiated: ['active', 'completed', 'failed'],
  active: ['completed', 'failed'],
  completed: [],
  failed: [],
};

/** Whether a session may move from `from` to `to`. */
export function canMove(from: SessionStatus, to: SessionStatus): boolean {
  return transitions[from].includes(to);
}

/** The statuses from which a session may move to `to`: the condition of the update. */
export function statesBefore(to: SessionStatus): SessionStatus[] {
  return SESSION_STATUSES.filter((from) => canMove(from, to));
}
