import { type Tail } from '../repositories/event.repository.js';
import { type Event } from '../schemas/event.schema.js';

/** An event before it has a sequence. */
export interface EventDraft extends Pick<Event, 'eventId' | 'type' | 'payload'> {
  /** When it happened, if the client said so. */
  readonly timestamp: Date | undefined;
  /** The event of the same session that it supersedes, if any. */
  readonly replaces?: string | undefined;
}

/** A draft that can be compared with what is stored. */
export interface DigestedDraft extends EventDraft {
  readonly payloadDigest: string;
}

/** The tail of an empty log: sequence 0, before all times. */
export const NO_EVENTS: Tail = { sequence: 0, timestamp: new Date(-8.64e15) };

/** Gives drafts the sequences after the tail, and the current time. */
export function placeAfter(tail: Tail, sessionId: string, drafts: readonly DigestedDraft[]): Event[] {
  const receivedAt = new Date();
  let { sequence, timestamp: latest, unordered = false } = tail;
  return drafts.map(({ eventId, type, payload, payloadDigest, timestamp }) => {
    const happenedAt = timestamp ?? receivedAt;
    unordered ||= happenedAt < latest;
    latest = happenedAt;
    return {
      sessionId,
      eventId,
      sequence: ++sequence,
      type,
      timestamp: happenedAt,
      receivedAt,
      payload,
      payloadDigest,
      ...(!timestamp && { serverTimestamp: true }),
      ...(unordered && { unordered: true }),
    };
  });
}
