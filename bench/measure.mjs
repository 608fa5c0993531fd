import { setTimeout as pause } from 'node:timers/promises';
import { load } from './load.mjs';
import { append, fresh, newSessions, roundRobin } from './requests.mjs';
import { rows } from './rows.mjs';

const WARM_UP_SECONDS = 2;
const SETTLE_MS = 2000;
const READY_MS = 30_000;
const CONNECTIONS = 32;
const SESSIONS_OF_MEMORY = 10_000;

/**
 * Measures rows on all targets, which take turns in each round, so that a drift of the machine affects them alike.
 *
 * @returns by row and target, the figures of each round.
 */
export async function measureRows(targets, names, { rounds, seconds }) {
  const runs = [];
  for (const name of names) {
    const { title, prepare, isOnlyOfServices, amount, connections = CONNECTIONS } = rows[name];
    for (const target of targets.filter((each) => !(isOnlyOfServices && each.name === 'bare'))) {
      const run = { name, target, amount, connections, ...(await prepare(target)) };
      await measureRound(run, WARM_UP_SECONDS); // V8 compiles what the row uses
      runs.push(run);
    }
    console.error(`prepared: ${title}`);
  }
  const results = Object.fromEntries(names.map((name) => [name, {}]));
  for (let round = 0; round < rounds; round++) {
    // Forwards and backwards, so that no target always comes after the same other one.
    for (const run of round % 2 === 0 ? runs : runs.toReversed()) {
      (results[run.name][run.target.name] ??= []).push(await measureRound(run, seconds));
    }
    console.error(`round ${round + 1} of ${rounds}`);
  }
  return results;
}

async function measureRound({ target, amount, connections, next, before, after }, seconds) {
  await before?.();
  const figures = await load(target, next, { connections, seconds, amount });
  await after?.();
  return figures;
}

/** Milliseconds from the start of a process to the first 200 of its readiness, by target. */
export async function measureStarts(targets, starts) {
  const results = {};
  for (let start = 0; start < starts; start++) {
    for (const target of targets) {
      await target.stopProgram();
      const begin = performance.now();
      await target.start();
      await ready(target);
      (results[target.name] ??= []).push({ value: performance.now() - begin });
    }
  }
  return results;
}

async function ready({ url, name }) {
  const deadline = performance.now() + READY_MS;
  while (!(await fetch(`${url}/health/ready`)).ok) {
    if (performance.now() > deadline) throw new Error(`${name} was not ready in ${READY_MS / 1000} s`);
    await pause(5);
  }
}

/** MiB of a new process before its first request and after many appends to many sessions, by target. */
export async function measureMemory(targets, appends) {
  const idle = {};
  const memory = {};
  for (const target of targets) {
    await target.stopProgram();
    await target.start();
    await ready(target);
    await pause(SETTLE_MS);
    idle[target.name] = [{ value: target.memory() }];
    const ids = roundRobin(await newSessions(target, SESSIONS_OF_MEMORY));
    const next = () => append(ids(), fresh('e'));
    await load(target, next, { connections: CONNECTIONS, amount: appends });
    await pause(SETTLE_MS);
    memory[target.name] = [{ value: target.memory() }];
    console.error(`${target.name}: memory measured`);
  }
  return { idle, memory };
}
