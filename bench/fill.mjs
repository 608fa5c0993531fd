// Fills a target's store directly through the driver: over HTTP, a million events would take hours.
import { event, fresh, session } from './requests.mjs';

const BATCH = 5000;
const START = Date.parse('2026-03-01T12:00:00Z');
const EVENT_MS = 40;

/**
 * Stores new sessions, by default without events.
 *
 * @param unordered stores events as if from two clocks that disagree: every other one is older than the one before it.
 * @returns their ids.
 */
export async function fillSessions(
  target,
  count,
  { eventsEach = 0, status = 'initiated', unordered = false } = {},
) {
  const prefix = fresh('s');
  const ids = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const eventsOf = (sessionId) => eventDocuments(sessionId, eventsEach, unordered);
  if (target.fill) {
    await target.fill(ids, eventsOf);
    return ids;
  }
  await target.withStore(async ({ sessions, events }) => {
    for (const batch of batchesOf(ids, BATCH)) {
      await sessions.insertMany(batch.map((id) => sessionDocument(target, id, status)));
    }
    for (const batch of batchesOf(ofEach(ids, eventsOf), BATCH)) await events.insertMany(batch);
  });
  return ids;
}

/** A document as the target program would write it. */
function sessionDocument({ name }, sessionId, status) {
  return {
    ...session(sessionId),
    status,
    ...(name !== 'bare' && { initialStatus: 'initiated' }),
    startedAt: new Date(START),
    endedAt: null,
    finalSequence: null,
  };
}

function* eventDocuments(sessionId, count, unordered) {
  for (let sequence = 1; sequence <= count; sequence++) {
    const timestamp = new Date(START + (unordered ? sequence ^ 1 : sequence) * EVENT_MS);
    yield {
      ...event(`e-${sequence}`),
      sessionId,
      sequence,
      timestamp,
      receivedAt: new Date(START + sequence * EVENT_MS),
      ...(unordered && sequence > 2 && { unordered: true }),
    };
  }
}

function* ofEach(sessionIds, eventsOf) {
  for (const sessionId of sessionIds) yield* eventsOf(sessionId);
}

function* batchesOf(items, size) {
  let batch = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
