import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceProcess } from '../../support/processes.js';
import { openStream } from '../../support/event-stream.js';
import { anEvent, aSession, createSession, upTo } from '../../support/samples.js';
import { keepBusy, type Attacker } from '../attacker.js';

/** How long a request waits for an event that never comes, and the tolerance on a busy machine. */
const [WAIT_MS, LATE_MS] = [1000, 5000];

/**
 * Moves the clock forwards and back by a day or an hour several times a second. Order must be kept, and durations must
 * not change: no time-out, lease or wait may depend on the system clock.
 */
export const clockJumps: Attacker = {
  name: 'the clock jumps by a day, on and back',
  lastsMs: 2000, // twice as long as a wait, and two times through all jumps
  sees: {
    'not in the order of the log': 0,
    'not streamed once': 0,
    'not on one page of a walk': 0,
    'waits of another length': 0,
    'ends before their starts': 0,
    'answers of deleted sessions': 0,
  },
  async attack(service, signal) {
    const { client } = service;
    const sessionId = await createSession(client);
    const quiet = await createSession(client);
    const stream = await openStream(client.origin, sessionId);
    const acknowledged: number[] = [];
    const wrong = { waits: 0, ends: 0, deleted: 0 };
    await Promise.all([
      keepBusy(1, signal, async () => {
        service.signal('SIGUSR2');
        await sleep(150);
      }),
      keepBusy(1, signal, async () => {
        const event = anEvent();
        let answer = await client.append(sessionId, event);
        while (answer.status === 503) answer = await client.append(sessionId, event);
        acknowledged.push(answer.body.sequence);
        await sleep(10); // a dozen of them between two jumps
      }),
      keepBusy(1, signal, async () => {
        const since = performance.now();
        await client.listEvents(quiet, { wait: WAIT_MS / 1000 });
        const ms = performance.now() - since;
        if (ms < WAIT_MS - 50 || ms > LATE_MS) wrong.waits++;
      }),
      keepBusy(1, signal, async () => {
        const ended = await createSession(client);
        await sleep(100);
        const { body } = await client.complete(ended);
        if (String(body.endedAt) < body.startedAt) wrong.ends++;
        await client.delete(ended);
        await sleep(100);
        const answers = [
          client.append(ended, anEvent()),
          client.read(ended),
          client.create(aSession({ sessionId: ended })),
        ];
        for (const { status } of await Promise.all(answers)) if (status !== 410) wrong.deleted++;
      }),
    ]);
    await client.complete(sessionId);
    await stream.ended();
    const inOrder = upTo(acknowledged.length);
    return {
      'not in the order of the log': differences(acknowledged, inOrder),
      'not streamed once': differences(stream.sequences(), inOrder),
      'not on one page of a walk': differences(await walk(service, sessionId), inOrder),
      'waits of another length': wrong.waits,
      'ends before their starts': wrong.ends,
      'answers of deleted sessions': wrong.deleted,
    };
  },
};

/** The sorted sequences of a session, read by walking through it by timestamp. */
async function walk({ client }: ServiceProcess, sessionId: string): Promise<number[]> {
  const shown: number[] = [];
  let cursor: string | null | undefined;
  do {
    const { body } = await client.read(sessionId, { limit: 100, ...(cursor && { cursor }) });
    shown.push(...body.events.map(({ sequence }) => sequence));
    cursor = body.pagination.nextCursor;
  } while (cursor);
  return shown.sort((a, b) => a - b);
}

function differences(some: readonly number[], others: readonly number[]): number {
  const longer = some.length > others.length ? some : others;
  return longer.filter((_, index) => some[index] !== others[index]).length;
}
