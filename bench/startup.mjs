// How long the service takes from start to ready, on an empty and on a full store.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fillSessions } from './fill.mjs';
import { PROGRAM, Target } from './target.mjs';

const EVENTS_PER_SESSION = 100;

/** Milliseconds of `starts` starts each, alternating between an empty embedded store and one with `events`. */
export async function startup({ starts, events }) {
  const full = mkdtempSync(join(tmpdir(), 'bench-full-'));
  try {
    await fill(full, events);
    const samples = { empty: [], full: [] };
    for (let start = 0; start < starts; start++) {
      samples.empty.push(await startToReady());
      samples.full.push(await startToReady(full));
    }
    console.log('start to ready, ms:', samples);
    return { events, samples };
  } finally {
    rmSync(full, { recursive: true, force: true });
  }
}

async function fill(dataDir, events) {
  const target = await Target.start('service', PROGRAM, { dataDir });
  await fillSessions(target, Math.ceil(events / EVENTS_PER_SESSION), { eventsEach: EVENTS_PER_SESSION });
  await target.stop();
}

async function startToReady(dataDir) {
  const begin = performance.now();
  const target = await Target.start('service', PROGRAM, { dataDir });
  while (!(await fetch(`${target.url}/health/ready`)).ok) await sleep(5);
  const time = performance.now() - begin;
  await target.stop();
  return time;
}
