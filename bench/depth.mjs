// What a page costs deep inside a large session, beside the first page of a small one.
import { latency, median } from './load.mjs';
import { loadSession } from './scenarios.mjs';
import { Target } from './target.mjs';

const LIMIT = 20;

/** A row per size: the latency of first, middle and last pages, by page and by cursor, in both sorts. */
export async function depthTable(sizes, rounds) {
  const target = await Target.start('service');
  try {
    const rows = [];
    for (const size of sizes) {
      const sessionId = await loadSession(target, size);
      rows.push({ size, paths: await pathsOf(target, sessionId, size), samples: {} });
      console.log(`loaded a session of ${size} events`);
    }
    // Round by round over all of them, so that no size is measured in a quieter minute than another.
    for (let round = -1; round < rounds; round++) {
      for (const { paths, samples } of rows) {
        for (const [name, path] of Object.entries(paths)) {
          const time = await latency(target, path);
          if (round >= 0) (samples[name] ??= []).push(time);
        }
      }
    }
    return rows.map(({ size, samples }) => ({
      size,
      times: Object.fromEntries(Object.entries(samples).map(([name, times]) => [name, median(times)])),
    }));
  } finally {
    await target.stop();
  }
}

async function pathsOf(target, sessionId, size) {
  const pages = size / LIMIT;
  const paths = {};
  for (const sort of ['timestamp', 'sequence']) {
    const base = `/sessions/${sessionId}?limit=${LIMIT}&sort=${sort}`;
    paths[`${sort}, first page`] = base;
    paths[`${sort}, middle page`] = `${base}&page=${Math.ceil(pages / 2)}`;
    paths[`${sort}, last page`] = `${base}&page=${pages}`;
    for (const [name, page] of [
      ['first', 1],
      ['middle', Math.ceil(pages / 2)],
      ['last', Math.max(1, pages - 1)],
    ]) {
      const { pagination } = await target.send('GET', `${base}&page=${page}`);
      paths[`${sort}, ${name} cursor`] = `${base}&cursor=${pagination.nextCursor}`;
    }
  }
  return paths;
}
