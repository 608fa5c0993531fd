// What a page of the list of sessions costs: the first, a middle and the last one, in a small and in a large store.
// node bench/list.mjs [sessions in the large store, 1000000]
import process from 'node:process';
import { median } from './statistics.mjs';
import { timeOf } from './load.mjs';
import { Target } from './target.mjs';

const LIMIT = 20;
const SMALL = 1000;
const ROUNDS = 10;
const REQUESTS_PER_ROUND = 100;
const QUEUES = 100;
const BATCH = 5000;
const START = Date.parse('2026-03-01T12:00:00Z');

/** The statuses of a hundred sessions: most have ended, a few are under way. */
const STATUSES = ['failed', 'initiated', ...Array(8).fill('active'), ...Array(90).fill('completed')];

const LISTS = {
  'no filter': '',
  'status=completed': 'status=completed',
  'status=active,failed': 'status=active,failed',
  'metadata.queue=q7': 'metadata.queue=q7',
  'metadata.queue=q7, status=completed': 'metadata.queue=q7&status=completed',
};

process.env.METADATA_FILTER_KEYS = 'queue';

async function fill(target, count) {
  await target.withStore(async ({ sessions }) => {
    for (let from = 0; from < count; from += BATCH) {
      const size = Math.min(BATCH, count - from);
      await sessions.insertMany(Array.from({ length: size }, (_, index) => sessionDocument(from + index)));
    }
  });
}

/** A session as the service would write it. Queue and status are independent. */
function sessionDocument(n) {
  const metadata = { caller: '+44 20 7946 0000', queue: `q${Math.floor(n / STATUSES.length) % QUEUES}` };
  const status = STATUSES[n % STATUSES.length];
  const ended = status === 'completed' || status === 'failed';
  const startedAt = new Date(START + n * 100);
  return {
    sessionId: `s-${(n * 7919) % 10_000_019}`,
    status,
    initialStatus: 'initiated',
    language: 'en-GB',
    startedAt,
    endedAt: ended ? startedAt : null,
    finalSequence: ended ? 0 : null,
    metadata,
    filterable: metadata,
  };
}

/** The paths of the first, a middle and the last page of a list, found by walking through it. */
async function placesOf(target, filter) {
  const base = `/sessions?limit=${LIMIT}${filter && `&${filter}`}`;
  const cursors = [];
  const walk = `/sessions?limit=100${filter && `&${filter}`}`;
  for (let cursor; cursor !== null;) {
    const { pagination } = await target.send('GET', cursor ? `${walk}&cursor=${cursor}` : walk);
    cursor = pagination.nextCursor;
    if (cursor !== null) cursors.push(cursor);
  }
  const at = (index) => (cursors[index] ? `${base}&cursor=${cursors[index]}` : base);
  return { first: base, middle: at(Math.floor(cursors.length / 2)), last: at(cursors.length - 1) };
}

/** Median milliseconds of a request, and the service's processor time for it. */
async function measure(target, row) {
  const cpuBefore = target.cpuSeconds();
  const times = [];
  for (let sent = 0; sent < REQUESTS_PER_ROUND; sent++) times.push(await timeOf(target, row.path));
  row.ms.push(median(times));
  row.cpuMicros.push(((target.cpuSeconds() - cpuBefore) / REQUESTS_PER_ROUND) * 1e6);
}

const rows = [];
const targets = [];
for (const size of [SMALL, Number(process.argv[2] ?? 1_000_000)]) {
  const target = await Target.start('service');
  targets.push(target);
  await fill(target, size);
  for (const [list, filter] of Object.entries(LISTS)) {
    const places = await placesOf(target, filter);
    for (const [place, path] of Object.entries(places)) {
      rows.push({ target, list, size, place, path, ms: [], cpuMicros: [] });
    }
  }
}
// Alternates between the rows in each round, so that a drift of the machine affects all equally; the first round is the
// warm-up.
for (let round = 0; round <= ROUNDS; round++) {
  for (const row of rows) await measure(row.target, row);
}
console.log('| list | sessions | page | ms | processor time, µs |\n| --- | --: | --- | --: | --: |');
for (const { list, size, place, ms, cpuMicros } of rows) {
  const cells = [
    list,
    size.toLocaleString('en'),
    place,
    median(ms.slice(1)).toFixed(2),
    Math.round(median(cpuMicros.slice(1))),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
for (const target of targets) await target.stop();
