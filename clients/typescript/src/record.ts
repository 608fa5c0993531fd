import { ServiceError } from './errors.js';
import { type BatchResult, type NewEvent } from './types.js';

/** The most events that the service takes in one request. */
const MAX_EVENTS = 100;

/** Below the 4 MiB that the service takes in one request by default. */
const MAX_BYTES = 4_000_000;

const BAD_REQUEST = 400;
const TOO_LARGE = 413;

/** The id of an event by its place in the conversation, 1 for the first: the same whenever it is recorded again. */
export function placeId(place: number): string {
  return `turn-${String(place).padStart(4, '0')}`;
}

/** Cuts events into what the service takes in one request. */
export function* batchesOf(events: readonly NewEvent[]): Generator<readonly NewEvent[]> {
  let [start, bytes] = [0, 0];
  for (const [index, event] of events.entries()) {
    const size = new TextEncoder().encode(JSON.stringify(event)).length + 1;
    if (index > start && (bytes + size > MAX_BYTES || index - start === MAX_EVENTS)) {
      yield events.slice(start, index);
      [start, bytes] = [index, 0];
    }
    bytes += size;
  }
  if (start < events.length) yield events.slice(start);
}

/**
 * Appends a batch, in halves where the service is set to take less.
 *
 * @param first the index of its first event in the recording, which the places of faults are counted from.
 */
export async function appendInParts(
  append: (events: readonly NewEvent[]) => Promise<readonly BatchResult[]>,
  events: readonly NewEvent[],
  first: number,
): Promise<readonly BatchResult[]> {
  try {
    return await append(events);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.status === BAD_REQUEST) throw movedBy(first, error);
    if (error.status !== TOO_LARGE || events.length === 1) throw error;
    const half = Math.ceil(events.length / 2);
    const results = await appendInParts(append, events.slice(0, half), first);
    return [...results, ...(await appendInParts(append, events.slice(half), first + half))];
  }
}

/** The same error with the places of its faults in the recording instead of the batch. */
function movedBy(first: number, error: ServiceError): ServiceError {
  const move = (text: string) =>
    text.replaceAll(/\bevents\[(\d+)\]/g, (_, index) => `events[${Number(index) + first}]`);
  const details = error.details?.map(({ field, message }) => ({
    field: move(field),
    message: move(message),
  }));
  const { status, code, message, requestId, retryAfterMs } = error;
  return new ServiceError(status, code, move(message), details, requestId, retryAfterMs);
}
