// The project's performance targets, and whether the numbers meet them. Targets without numbers are left out.
import { OF_SINGLE, partsOfSingle } from './import-report.mjs';
import { median, ratioByRound } from './statistics.mjs';

/** The least share of the bare limit's requests per second. */
export const OF_BARE_LIMIT = { append: 0.7, create: 0.6, complete: 0.6, read: 0.65 };

const PAIRS = [
  ['append-hot', 'append', 1],
  ['create-replayed', 'create', 0.7],
  ['append-replayed', 'append', 0.7],
];

/** Reads that must not cost much more than another one: the highest ratio of their processor times. */
const READS = [
  ['read-unordered', 'read', 1.1],
  ['read-large', 'read', 1.1],
  ['read-large-unordered', 'read', 1.1],
  ['read-cursor-unordered', 'read-large-unordered', 1.1],
  ['read-deep-unordered', 'read-large-unordered', 5],
];

/** The least ratio of requests per second to those of the build before, and the highest of processor time. */
const OF_BEFORE = {
  read: { rate: 2, cpu: 0.6 },
  'read-unordered': { rate: 2, cpu: 0.6 },
  complete: { rate: 1.9 },
};

const rates = (samples) => samples?.map(({ perSecond }) => perSecond);

/** A list of { goal, measured, wanted, met }. */
export function goals({ throughput = {}, depth, startup, memory, import: imported }) {
  return [
    ...Object.entries(OF_BARE_LIMIT).map(([name, least]) => ofBareLimit(throughput[name], least)),
    ...PAIRS.map(([name, other, least]) => ofOther(throughput[name], throughput[other], least)),
    ...READS.map(([name, other, most]) => ofOtherRead(throughput[name], throughput[other], most)),
    ...Object.entries(OF_BEFORE).flatMap(([name, bounds]) => ofBefore(throughput[name], bounds)),
    ...(depth ? depthGoals(depth.rows) : []),
    startup && startupGoal(startup),
    memory && memoryGoal(memory),
    imported && importGoal(imported),
  ].filter(Boolean);
}

/** The service's requests per second as a share of the bare limit's, by round; undefined without the bare limit. */
export function partOfBareLimit({ samples }) {
  return samples.bare && ratioByRound(rates(samples.service), rates(samples.bare));
}

function ofBareLimit(result, least) {
  return result?.samples.bare && atLeast(`${result.title} : bare limit`, partOfBareLimit(result), least);
}

const cpuOf = (samples) => samples.map(({ cpuMicros }) => cpuMicros);

function ofBefore(result, { rate, cpu }) {
  const { service, before } = result?.samples ?? {};
  if (!before) return [];
  const { title } = result;
  return [
    atLeast(`${title} : before`, ratioByRound(rates(service), rates(before)), rate),
    cpu && atMost(`processor time of ${title} : before`, ratioByRound(cpuOf(service), cpuOf(before)), cpu),
  ];
}

/** By processor time, which depends less on other work of the machine. */
function ofOtherRead(result, other, most) {
  if (!result || !other || result.run?.date !== other.run?.date) return undefined;
  const ratio = ratioByRound(cpuOf(result.samples.service), cpuOf(other.samples.service));
  return atMost(`processor time of ${result.title} : ${other.title}`, ratio, most);
}

/** Two scenarios can be compared only if they were measured in the same run. */
function ofOther(result, other, least) {
  if (!result || !other || result.run?.date !== other.run?.date) return undefined;
  const ratio = median(rates(result.samples.service)) / median(rates(other.samples.service));
  return atLeast(`${result.title} : ${other.title}`, ratio, least);
}

function depthGoals(rows) {
  const last = rows.filter(({ place }) => place === 'last');
  const first = rows.filter(({ place }) => place === 'first');
  const sizes = [...new Set(rows.map(({ size }) => size))].sort((a, b) => a - b);
  const [smallest, largest] = [sizes[0], sizes.at(-1)];
  return [
    ...['page', 'cursor'].map((by) =>
      worst(`last page : first page by ${by}, latency`, ratiosToFirst(rows, pick(last, { by })), 1.2),
    ),
    smallest < largest &&
      worst(
        `first page of ${number(largest)} events : of ${number(smallest)}, latency`,
        ratiosToSize(rows, pick(first, { size: largest, by: 'page' }), smallest),
        1.2,
      ),
  ];
}

export const pick = (rows, wanted) =>
  rows.filter((row) => Object.entries(wanted).every(([field, value]) => row[field] === value));

/** Each row's time as a ratio to the first page of the same session, in the same sort and manner. */
export function ratiosToFirst(rows, chosen) {
  return chosen.map(({ size, sort, by, rounds }) => {
    const [first] = pick(rows, { size, sort, by, place: 'first' });
    return { name: `${number(size)} events by ${sort}`, ratio: ratioByRound(rounds, first.rounds) };
  });
}

/** Each row's time as a ratio to the same page of a session of another size. */
export function ratiosToSize(rows, chosen, size) {
  return chosen.map(({ sort, by, place, rounds }) => {
    const [other] = pick(rows, { size, sort, by, place });
    return { name: `by ${sort}`, ratio: ratioByRound(rounds, other.rounds) };
  });
}

function worst(goal, ratios, most) {
  const { name, ratio } = ratios.reduce((a, b) => (b.ratio > a.ratio ? b : a));
  return atMost(`${goal}; the worst, ${name}`, ratio, most);
}

function startupGoal({ events, samples }) {
  return atMost(
    `start to ready with ${number(events)} events : empty`,
    ratioByRound(samples.full, samples.empty),
    2,
  );
}

/**
 * "Flat except for bounded caches" as a number: from when each session has been used, V8's slack may add half; more would
 * be a leak. The caches grow until then; in a run with fewer appends than sessions, from its first sample to its last.
 */
function memoryGoal({ series, sessions }) {
  const first = series.find(({ appends }) => appends >= sessions) ?? series[0];
  const last = series.at(-1);
  const goal = `anonymous memory after ${number(last.appends)} appends over ${number(sessions)} sessions : after ${number(first.appends)}`;
  return atMost(goal, last.anonymous / first.anonymous, 1.5);
}

function importGoal(imported) {
  const { sessions, events } = imported;
  const [{ way, ratio }] = partsOfSingle(imported);
  return atMost(
    `import of ${number(sessions)} sessions of ${events} events : ${way}, time`,
    ratio,
    OF_SINGLE,
  );
}

const number = (value) => value.toLocaleString('en');
const atLeast = (goal, measured, limit) => ({ goal, measured, wanted: `≥ ${limit}`, met: measured >= limit });
const atMost = (goal, measured, limit) => ({ goal, measured, wanted: `≤ ${limit}`, met: measured <= limit });
