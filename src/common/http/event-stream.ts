import { ValidationFailedError } from '../errors/domain-error.js';
import { jsonLine } from './json.js';

/** The type of a stream of events. Nest's `@Sse` supports neither back pressure nor 204. */
export const EVENT_STREAM = 'text/event-stream';

/** An event in the form of a stream: https://html.spec.whatwg.org/multipage/server-sent-events.html. */
export function serverSentEvent(name: string, data: object, id?: number): string {
  const lines = [...(id === undefined ? [] : [`id: ${id}`]), `event: ${name}`, `data: ${jsonLine(data)}`];
  return `${lines.join('\n')}\n\n`;
}

/** A comment, which clients ignore, but which keeps the connection busy for proxies. */
export function comment(text: string): string {
  return `: ${text}\n\n`;
}

/**
 * The sequence in a `Last-Event-ID`, which clients of server-sent events send when they reconnect.
 *
 * @throws ValidationFailedError if it is not a whole number.
 */
export function sequenceIn(lastEventId: string): number {
  if (/^\d{1,15}$/.test(lastEventId)) return Number(lastEventId);
  const message = 'Last-Event-ID must be the sequence of an event';
  throw new ValidationFailedError([{ field: 'Last-Event-ID', message }]);
}
