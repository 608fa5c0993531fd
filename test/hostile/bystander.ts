import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer } from '../support/http.js';
import { ServiceClient } from '../support/client.js';
import { anEvent, aSession } from '../support/samples.js';

/** What a well-behaved client observed. */
export interface Seen {
  /** Milliseconds of the slowest response of `/health/live`. */
  live: number;
  /** Milliseconds of the slowest other response, including refusals. */
  slowest: number;
  /** Requests that succeeded. */
  done: number;
  /** The number of 503 responses, after which it retried. */
  refused: number;
  /** Unexpected responses, and broken connections. */
  readonly wrong: string[];
}

/**
 * Creates sessions, appends to them and reads them, one request after the other, until the signal is aborted. It shares
 * a process with the attacker, so its times exclude the longest period in which this process could not receive
 * responses.
 */
export async function standBy(origin: string, signal: AbortSignal): Promise<Seen> {
  const client = new ServiceClient(origin);
  const seen: Seen = { live: 0, slowest: 0, done: 0, refused: 0, wrong: [] };
  const held = monitorEventLoopDelay({ resolution: 5 });
  held.enable();
  const ask = async (what: string, request: () => Promise<Answer>) => {
    held.reset();
    const since = performance.now();
    const answer = await request().catch((error: unknown) => ({ status: String(error) }));
    const ms = performance.now() - since - held.max / 1e6;
    if (what === 'live') seen.live = Math.max(seen.live, ms);
    else seen.slowest = Math.max(seen.slowest, ms);
    if (answer.status === 503) seen.refused++;
    else if (answer.status === 200 || answer.status === 201) seen.done++;
    else seen.wrong.push(`${what}: ${answer.status}`);
    return answer.status;
  };
  while (!signal.aborted) {
    await ask('live', () => client.send({ path: '/health/live' }));
    const session = aSession();
    if ((await ask('create', () => client.create(session))) === 201) {
      await ask('append', () => client.append(session.sessionId, anEvent()));
      await ask('read', () => client.read(session.sessionId));
    }
    await sleep(50);
  }
  client.close();
  held.disable();
  return seen;
}
