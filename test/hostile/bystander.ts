import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer } from '../support/http.js';
import { ServiceClient } from '../support/client.js';
import { anEvent, aSession } from '../support/samples.js';

/** What a well-behaved client saw. */
export interface Seen {
  /** Milliseconds that the slowest answer of `/health/live` took. */
  live: number;
  /** Milliseconds that the slowest other answer took, a refusal too. */
  slowest: number;
  /** Requests that did what they were to do. */
  done: number;
  /** Times it was told 503, to come again. */
  refused: number;
  /** Answers that it should not have got, and connections that broke. */
  readonly wrong: string[];
}

/**
 * Creates sessions, appends to them and reads them, one request after the other, until the signal is aborted. It shares a
 * process with the attacker: what it times leaves out the longest stretch in which nobody here could take an answer.
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
    await sleep(10);
  }
  client.close();
  held.disable();
  return seen;
}
