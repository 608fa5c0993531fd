// Fills a target's store straight through the driver: over HTTP, a million events would take the morning.
import { event, fresh, session } from './requests.mjs';

const BATCH = 5000;
const START = Date.parse('2026-03-01T12:00:00Z');

/** Stores new sessions, without events unless told how many each shall have. @returns their ids. */
export async function fillSessions(target, count, { eventsEach = 0, status = 'initiated' } = {}) {
  const prefix = fresh('s');
  const ids = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  await target.withStore(async ({ sessions, events }) => {
    for (const batch of batchesOf(ids, BATCH)) {
      await sessions.insertMany(batch.map((id) => sessionDocument(target, id, status)));
    }
    for (const batch of batchesOf(eventDocuments(ids, eventsEach), BATCH)) await events.insertMany(batch);
  });
  return ids;
}

/** As the program that will read it writes it. */
function sessionDocument({ name }, sessionId, status) {
  return {
    ...session(sessionId),
    status,
    ...(name === 'service' && { initialStatus: 'initiated' }),
    startedAt: new Date(START),
    endedAt: null,
    finalSequence: null,
  };
}

function* eventDocuments(sessionIds, eventsEach) {
  for (const sessionId of sessionIds) {
    for (let sequence = 1; sequence <= eventsEach; sequence++) {
      const timestamp = new Date(START + sequence * 40);
      yield { ...event(`e-${sequence}`), sessionId, sequence, timestamp, receivedAt: timestamp };
    }
  }
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
