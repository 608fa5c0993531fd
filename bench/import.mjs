// Recorded calls taken in by batch, beside the same calls by single appends: `node bench/import.mjs [calls] [events]`.
import process from 'node:process';
import { inParallel } from './load.mjs';
import { PROGRAM, Target } from './target.mjs';

const CONNECTIONS = 16;
/** Parts of the calls, taken in turns by either way, so that what else the machine does meets both alike. */
const ROUNDS = 4;

const [calls = 10_000, events = 20] = process.argv.slice(2).map(Number);

/** The body of one event of a call, as speech recognisers and bots send them. */
function eventOf(number) {
  const type = number % 2 ? 'user_speech' : 'bot_speech';
  const text = `What was said as number ${number}, in a sentence of ordinary length that a caller would say.`;
  const timestamp = new Date(Date.UTC(2026, 2, 1, 12, 0, number)).toISOString();
  return { eventId: `e-${number}`, type, payload: { text, confidence: 0.93 }, timestamp };
}

const recorded = Array.from({ length: events }, (_, index) => eventOf(index + 1));

const WAYS = {
  single: async (target, path) => {
    for (const event of recorded) await target.send('POST', `${path}/events`, event);
  },
  batch: (target, path) => target.send('POST', `${path}/events/batch`, { events: recorded }),
};

async function take(target, way, round) {
  const ids = Array.from({ length: Math.ceil(calls / ROUNDS) }, (_, index) => `${way}-${round}-${index}`);
  const start = performance.now();
  await inParallel(ids, CONNECTIONS, async (sessionId) => {
    await target.send('POST', '/sessions', { sessionId, language: 'en' });
    await WAYS[way](target, `/sessions/${sessionId}`);
    await target.send('POST', `/sessions/${sessionId}/complete`);
  });
  return (performance.now() - start) / 1000;
}

const target = await Target.start('service', PROGRAM);
try {
  const seconds = { single: 0, batch: 0 };
  for (let round = 1; round <= ROUNDS; round++) {
    for (const way of Object.keys(WAYS)) seconds[way] += await take(target, way, round);
  }
  const ratio = seconds.batch / seconds.single;
  console.log(`${calls} calls of ${events} events, each created and ended, ${CONNECTIONS} connections:`);
  console.log(`  single appends ${seconds.single.toFixed(1)} s, batches ${seconds.batch.toFixed(1)} s`);
  console.log(`  batches take ${(ratio * 100).toFixed(0)} % of the time`);
} finally {
  await target.stop();
}
