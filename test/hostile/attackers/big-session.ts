import { type ServiceProcess } from '../../support/processes.js';
import { anEvent, createSession, upTo } from '../../support/samples.js';

/** As many events as the body of a batch may hold. */
const BATCH = 20;

/** A session with events of 200 KB each. @returns its id. */
export async function bigSession({ client }: ServiceProcess, events: number): Promise<string> {
  const sessionId = await createSession(client);
  const payload = { text: 'x'.repeat(200_000) };
  for (let left = events; left > 0; left -= BATCH) {
    const batch = upTo(Math.min(BATCH, left)).map(() => anEvent({ payload }));
    await client.appendBatch(sessionId, batch);
  }
  return sessionId;
}
