// What followers cost: `node bench/followers.mjs`. Measures memory, and processor time and queries while nothing
// happens, and how soon all followers receive an event: with one follower per session, and with all on one session.
import { setTimeout as sleep } from 'node:timers/promises';
import { follow } from './follow.mjs';
import { inParallel } from './load.mjs';
import { PROGRAM, Target } from './target.mjs';

const COUNTS = [1, 100, 1000];
const IDLE_SECONDS = 10;
const SETTLE_MS = 2000;
const EVENTS = 20;

/** The number of operations on the store so far. */
async function operations(target) {
  const text = await (await fetch(`${target.url}/metrics`)).text();
  const counts = text.matchAll(/^conversation_store_operation_duration_seconds_count\{.*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

async function measure(count, sessions) {
  const target = await Target.start('service', PROGRAM);
  try {
    const ids = Array.from({ length: sessions }, (_, index) => `s-${index}`);
    await inParallel(ids, 16, (sessionId) => target.send('POST', '/sessions', { sessionId, language: 'en' }));
    const append = (number, sessionId) =>
      target.send('POST', `/sessions/${sessionId}/events`, {
        eventId: `e-${number}`,
        type: 'system',
        payload: { text: 'What was said, in a sentence of ordinary length.' },
      });
    await append(0, ids[0]);
    await sleep(SETTLE_MS);
    const before = target.statusMiB('RssAnon');
    const streams = [];
    await inParallel(
      Array.from({ length: count }, (_, index) => ids[index % sessions]),
      16,
      async (sessionId) => streams.push(await follow(target, sessionId)),
    );
    await sleep(SETTLE_MS);
    const memory = target.statusMiB('RssAnon') - before;

    const [cpu, queries] = [target.cpuSeconds(), await operations(target)];
    await sleep(IDLE_SECONDS * 1000);
    const idle = {
      cpu: (target.cpuSeconds() - cpu) / IDLE_SECONDS,
      queries: ((await operations(target)) - queries) / IDLE_SECONDS,
    };

    const times = [];
    const queriesBefore = await operations(target);
    const followers = streams.filter(({ events }) => events > 0);
    for (let number = 1; number <= EVENTS; number++) {
      const start = performance.now();
      await append(number, ids[0]);
      while (followers.some(({ events }) => events < number + 1)) await sleep(1);
      times.push(performance.now() - start);
    }
    const perEvent = ((await operations(target)) - queriesBefore) / EVENTS;
    for (const stream of streams) stream.close();
    const median = times.sort((a, b) => a - b)[EVENTS / 2];
    console.log(
      `${count} followers of ${sessions} sessions: ${memory.toFixed(1)} MiB, idle ${(idle.cpu * 1000).toFixed(1)} ms of processor time and ${idle.queries.toFixed(1)} queries a second; an event is with all ${followers.length} of its session after ${median.toFixed(1)} ms (append included) and ${perEvent.toFixed(1)} queries`,
    );
  } finally {
    await target.stop();
  }
}

for (const count of COUNTS) {
  await measure(count, count);
  if (count > 1) await measure(count, 1);
}
