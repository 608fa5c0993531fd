import { type ServiceProcess } from '../../support/processes.js';
import { anEvent, createSession } from '../../support/samples.js';

/** A session with events of 200 KB each. @returns its id. */
export async function bigSession({ client }: ServiceProcess, events: number): Promise<string> {
  const sessionId = await createSession(client);
  const payload = { text: 'x'.repeat(200_000) };
  for (let appended = 0; appended < events; appended++) await client.append(sessionId, anEvent({ payload }));
  return sessionId;
}
