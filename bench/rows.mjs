// The rows of the table: what is sent, and which ratio it should have at least.
import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { append, batchOf, complete, create, filledSessions, fresh, list, newSessions, read, roundRobin } from './requests.mjs'; // oxfmt-ignore

/** How many sessions a round completes, and creates before; autocannon may prepare a request more on each connection. */
const COMPLETED = 1500;
const SPARE = 64;
const FOLLOWERS = 20;
const FOLLOWERS_MS = 10_000;
const LARGE = 50_000;

const reading = (count, eventsEach, options) => async (target) => {
  const ids = await filledSessions(target, count, eventsEach, options);
  return { next: roundRobin(ids.map((id) => read(id))) };
};

/** Page 2,001 of a large session, by the cursor of the one before it. */
async function readingDeep(target) {
  const [id] = await filledSessions(target, 1, LARGE);
  const { pagination } = await target.send(read(id, '?limit=20&page=2000'));
  const deep = read(id, `?limit=20&cursor=${pagination.nextCursor}`);
  return { next: () => deep };
}

/** Sessions that have an event already, since the first one costs more: it makes the session active. */
const appending = (sessions) => async (target) => {
  const next = roundRobin(await filledSessions(target, sessions, 1));
  return { next: () => append(next(), fresh('e')) };
};

const completing = (eventsEach) => async (target) => {
  let ids;
  const before = async () => {
    ids = await filledSessions(target, COMPLETED + SPARE, eventsEach);
  };
  return { before, next: () => complete(ids.pop()) };
};

/** A new session each round; the round ends when all followers have received everything. */
async function followed(target) {
  let id;
  let followers;
  return {
    before: async () => {
      [id] = await newSessions(target, 1);
      followers = await Promise.all(Array.from({ length: FOLLOWERS }, () => follow(target, id)));
    },
    next: () => append(id, fresh('e')),
    after: async () => {
      const { pagination } = await target.send(read(id));
      const deadline = performance.now() + FOLLOWERS_MS;
      while (followers.some(({ received }) => received < pagination.total)) {
        if (performance.now() > deadline)
          throw new Error(`${target.name}: followers have not received every event`);
        await pause(5);
      }
      for (const { close } of followers) close();
    },
  };
}

async function follow(target, id) {
  const outgoing = request(`${target.url}/sessions/${id}/events/stream`, { agent: false }).end();
  const [incoming] = await once(outgoing, 'response');
  const follower = { received: 0, close: () => outgoing.destroy() };
  createInterface({ input: incoming })
    .on('error', () => undefined) // it is closed at the end of the round
    .on('line', (line) => {
      if (line === 'event: event') follower.received++;
    });
  return follower;
}

/** Targets: the median of a row's figures as a ratio to those `than` another target's or, in the same run, another row's. */
const atLeast = (limit, than, field = 'value') => ({ limit, than, field, isLeast: true });
const atMost = (limit, than, field = 'value') => ({ limit, than, field, isLeast: false });

/**
 * By the name that `--only` takes. `prepare` fills a target's store and returns `next`, which makes the requests, and
 * what is to be done before and after each round. Rounds last some seconds or, with an `amount`, so many requests.
 */
export const rows = {
  create: {
    title: 'create',
    targets: [atLeast(0.9, 'bare')],
    prepare: async () => ({ next: () => create(fresh('c')) }),
  },
  append: {
    title: 'append, over 1,000 sessions',
    targets: [atLeast(0.9, 'bare'), atMost(1.5, 'bare', 'cpu')],
    prepare: appending(1000),
  },
  hot: {
    title: 'append to one hot session',
    connections: 64,
    targets: [atLeast(0.9, 'bare')],
    prepare: appending(1),
  },
  complete: {
    title: 'complete',
    amount: COMPLETED,
    targets: [atLeast(0.8, 'bare')],
    prepare: completing(1),
  },
  'complete-empty': {
    title: 'complete, without events',
    amount: COMPLETED,
    targets: [],
    prepare: completing(0),
  },
  read: {
    title: 'read 20 of 1,000 events',
    targets: [atLeast(0.8, 'bare'), atMost(1.1, 'bare', 'cpu')],
    prepare: reading(20, 1000),
  },
  unordered: {
    title: 'read 20 of 1,000, unordered',
    targets: [atLeast(0.8, 'bare')],
    prepare: reading(20, 1000, { unordered: true }),
  },
  'create-again': {
    title: 'creation sent again',
    targets: [atLeast(1.2, 'create')],
    prepare: async (target) => {
      const next = roundRobin(await newSessions(target, 100));
      return { next: () => create(next()) };
    },
  },
  'append-again': {
    title: 'append sent again',
    targets: [atLeast(1.2, 'append')],
    prepare: async (target) => {
      const next = roundRobin(await filledSessions(target, 100, 1));
      return { next: () => append(next(), 'e-0') };
    },
  },
  list: {
    title: 'list 20 sessions',
    targets: [atLeast(0.8, 'before')],
    prepare: async (target) => {
      await newSessions(target, 100);
      return { next: list };
    },
  },
  batch: {
    title: 'append a batch of 20',
    targets: [atLeast(0.8, 'before')],
    prepare: async (target) => {
      const next = roundRobin(await filledSessions(target, 1000, 1));
      return { next: () => batchOf(next(), 20) };
    },
  },
  followed: {
    title: `append with ${FOLLOWERS} followers`,
    targets: [atLeast(0.8, 'before')],
    prepare: followed,
  },
  large: {
    title: 'first page of 50,000 events',
    targets: [atMost(1.2, 'read', 'cpu')],
    prepare: reading(1, LARGE),
  },
  deep: {
    title: 'page 2,001 of 50,000 events, by cursor',
    targets: [atMost(1.1, 'large', 'cpu')],
    isOnlyOfServices: true,
    prepare: readingDeep,
  },
};

/** What is measured of the processes; the bare server, which does nothing else, is not compared. */
export const processRows = {
  start: { title: 'start to ready, ms', targets: [atMost(1.3, 'before')] },
  idle: { title: 'memory, idle, MiB', targets: [atMost(1.05, 'before')] },
  memory: { title: 'memory after the appends, MiB', targets: [atMost(1.05, 'before')] },
};
