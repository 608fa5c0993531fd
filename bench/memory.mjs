// Whether memory stays flat while events and sessions grow. No garbage collection or restart is forced.
import { fillSessions } from './fill.mjs';
import { inParallel } from './load.mjs';
import { append } from './requests.mjs';
import { PROGRAM, Target } from './target.mjs';

const CONNECTIONS = 32;
const FIRST_SAMPLE = 10_000;
const LATER_SAMPLES = 10;

/** Memory after 10,000 appends and at ten points up to all of them, which are spread evenly over all sessions. */
export async function memory({ appends, sessions }) {
  const target = await Target.start('service', PROGRAM);
  try {
    const ids = await fillSessions(target, sessions);
    const series = [];
    let sent = 0;
    for (const upTo of samplePoints(appends)) {
      const rest = Array.from({ length: upTo - sent }, (_, index) => sent + index);
      await inParallel(rest, CONNECTIONS, (number) =>
        target.request(append(ids[number % ids.length], `e-${number}`)),
      );
      sent = upTo;
      series.push({ appends: sent, ...(await memoryOf(target)) });
      console.log('memory, MiB:', series.at(-1));
    }
    return { appends, sessions, series };
  } finally {
    await target.stop();
  }
}

function samplePoints(appends) {
  const later = Array.from({ length: LATER_SAMPLES }, (_, index) =>
    Math.round((appends * (index + 1)) / LATER_SAMPLES),
  );
  return [Math.min(FIRST_SAMPLE, appends), ...later.filter((point) => point > FIRST_SAMPLE)];
}

/**
 * In MiB. Resident memory includes mapped pages of the store's file, which the kernel can reclaim; `anonymous` does
 * not.
 */
async function memoryOf(target) {
  const text = await (await fetch(`${target.url}/metrics`)).text();
  const metric = (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)[1]) / 2 ** 20;
  return {
    resident: metric('process_resident_memory_bytes'),
    heapUsed: metric('nodejs_heap_size_used_bytes'),
    anonymous: target.statusMiB('RssAnon'),
    mappedFiles: target.statusMiB('RssFile'),
  };
}
