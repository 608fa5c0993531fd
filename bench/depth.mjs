// What a page deep inside a large session costs, compared with the first page of a small one.
import { fillSessions } from './fill.mjs';
import { timeOf } from './load.mjs';
import { median } from './statistics.mjs';
import { PROGRAM, Target } from './target.mjs';

const LIMIT = 20;
const REQUESTS_PER_ROUND = 40;
const WARM_UP_ROUNDS = 3;

/** By size: the latency of first, middle and last pages, by page and by cursor, in both sorts; one median per round. */
export async function depth(sizes, { rounds }) {
  const target = await Target.start('service', PROGRAM);
  try {
    const rows = [];
    for (const size of sizes) {
      const [sessionId] = await fillSessions(target, 1, { eventsEach: size, status: 'active' });
      for (const place of await placesOf(target, sessionId, size)) rows.push({ size, ...place, rounds: [] });
      console.log(`loaded a session of ${size.toLocaleString('en')} events`);
    }
    const warmUps = Math.min(WARM_UP_ROUNDS, rounds);
    for (let round = -warmUps; round < rounds; round++) await measureRound(target, rows, round >= 0);
    return rows.map(({ size, sort, by, place, rounds }) => ({ size, sort, by, place, rounds }));
  } finally {
    await target.stop();
  }
}

/** Alternates between all sizes with each request, so that a drift of the machine affects them equally. */
async function measureRound(target, rows, counts) {
  const times = rows.map(() => []);
  for (let sent = 0; sent < REQUESTS_PER_ROUND; sent++) {
    for (const [index, { path }] of rows.entries()) times[index].push(await timeOf(target, path));
  }
  if (counts) for (const [index, { rounds }] of rows.entries()) rounds.push(median(times[index]));
}

async function placesOf(target, sessionId, size) {
  const pages = Math.max(1, Math.ceil(size / LIMIT));
  const places = [];
  for (const sort of ['timestamp', 'sequence']) {
    const base = `/sessions/${sessionId}?limit=${LIMIT}&sort=${sort}`;
    for (const [place, page] of Object.entries({ first: 1, middle: Math.ceil(pages / 2), last: pages })) {
      places.push({ sort, by: 'page', place, path: `${base}&page=${page}` });
      // A cursor leads to the page after the one that returned it, so the first cursor leads to the second page.
      const { pagination } = await target.send('GET', `${base}&page=${Math.max(1, page - 1)}`);
      places.push({ sort, by: 'cursor', place, path: `${base}&cursor=${pagination.nextCursor}` });
    }
  }
  return places;
}
