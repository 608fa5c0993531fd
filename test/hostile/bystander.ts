import { get } from 'node:http';
import { ServiceClient } from '../support/client.js';
import { anEvent, aSession } from '../support/samples.js';

/** What an ordinary client saw beside an attack. */
export interface Seen {
  /** Requests that did not succeed, with their status. Nothing is tried again. */
  readonly failures: string[];
  /** The most memory of the service's process, in megabytes. */
  megabytes: number;
}

/**
 * A client that creates sessions, appends small and larger events, reads and completes them, while probes open
 * connections of their own.
 */
export async function standBy(origin: string, rounds: number): Promise<Seen> {
  const client = new ServiceClient(origin);
  const seen: Seen = { failures: [], megabytes: 0 };
  const expectSuccess = async (what: string, asked: Promise<{ readonly status: number }>) => {
    const status = await asked.then(
      (answer) => answer.status,
      (error: unknown) => String(error),
    );
    if (status !== 200 && status !== 201) seen.failures.push(`${what}: ${status}`);
  };
  for (let round = 0; round < rounds; round++) {
    const session = aSession();
    const { sessionId } = session;
    await expectSuccess('a probe', probe(origin));
    await expectSuccess('a creation', client.create(session));
    await expectSuccess('an append', client.append(sessionId, anEvent()));
    const payload = { text: 'x'.repeat(20_000) };
    await expectSuccess('an append of 20 KB', client.append(sessionId, anEvent({ payload })));
    await expectSuccess('a read', client.read(sessionId));
    await expectSuccess('a completion', client.complete(sessionId));
    const megabytes = (await client.metric('process_resident_memory_bytes')) / 1e6;
    seen.megabytes = Math.max(seen.megabytes, megabytes);
  }
  client.close();
  return seen;
}

/** `GET /health/live` on a new connection, as probes ask. */
export function probe(origin: string): Promise<{ readonly status: number }> {
  return new Promise((resolve, reject) => {
    get(`${origin}/health/live`, { agent: false }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0 });
    }).on('error', reject);
  });
}

/** What a service holds for clients, by its metrics: bytes, requests and followers. */
export async function held(client: ServiceClient): Promise<number> {
  const names = ['under_way_bytes', 'requests_under_way', 'followers'];
  const values = await Promise.all(names.map((name) => client.metric(`conversation_${name}`)));
  return values.reduce((sum, value) => sum + value, 0);
}
