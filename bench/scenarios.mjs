// The scenarios. Each prepares a target and then supplies the requests.
import { fillSessions } from './fill.mjs';
import { FOLLOWERS, followed } from './followed.mjs';
import { inParallel } from './load.mjs';
import { append, appendBatch, complete, create, fresh, list, read, roundRobin } from './requests.mjs';
import { reads } from './reads.mjs';

/** No program completes more sessions per second than this; if the supply runs out, the benchmark fails. */
const MOST_COMPLETIONS_PER_SECOND = 10_000;

/** Sessions that can be used only once, such as those to complete; refilled between rounds. */
class Supply {
  ids = [];

  async fill(target, count) {
    const missing = count - this.ids.length;
    if (missing > 0) this.ids.push(...(await fillSessions(target, missing)));
  }

  take() {
    return this.ids.pop() ?? 'supply-ran-dry';
  }
}

const appendTo = (ids) => {
  const next = roundRobin(ids);
  return () => append(next(), fresh('e'));
};

const completeOnce = async () => {
  const supply = new Supply();
  return {
    beforeRound: (target, seconds) => supply.fill(target, seconds * MOST_COMPLETIONS_PER_SECOND),
    next: () => complete(supply.take()),
  };
};

const BATCH = 20;
/** The targets that support batches, lists and streams. */
const OF_THIS_BUILD = ['service', 'bare'];

/** 10 appends, 2 reads, a creation and a completion in turn, over 1,000 sessions. */
const mixed = async (target) => {
  const ids = await fillSessions(target, 1000);
  const appends = appendTo(ids);
  const reads = roundRobin(ids);
  const supply = new Supply();
  let turn = 0;
  const next = () => {
    const step = turn++ % 14;
    if (step < 10) return appends();
    if (step < 12) return read(reads());
    return step === 12 ? create(fresh('m')) : complete(supply.take());
  };
  const beforeRound = (_target, seconds) =>
    supply.fill(target, Math.ceil((seconds * MOST_COMPLETIONS_PER_SECOND) / 10));
  return { beforeRound, next };
};

/**
 * By the name that `--only` takes.
 *
 * @type {Record<string, { title: string, connections?: number, targets?: string[],
 *   prepare: (target: any) => Promise<{ next: () => object, beforeRound?: Function, afterRound?: Function }> }>}
 */
export const scenarios = {
  create: { title: 'create', prepare: async () => ({ next: () => create(fresh('c')) }) },
  'create-replayed': {
    title: 'create, replayed',
    prepare: async (target) => {
      const ids = Array.from({ length: 100 }, () => fresh('r'));
      await inParallel(ids, 10, (id) => target.request(create(id)));
      const next = roundRobin(ids);
      return { next: () => create(next()) };
    },
  },
  append: {
    title: 'append over 1,000 sessions',
    prepare: async (target) => ({ next: appendTo(await fillSessions(target, 1000)) }),
  },
  'append-hot': {
    title: 'append to one hot session',
    connections: 64,
    targets: ['service'],
    prepare: async (target) => ({ next: appendTo(await fillSessions(target, 1)) }),
  },
  'append-replayed': {
    title: 'append, replayed',
    prepare: async (target) => {
      const ids = await fillSessions(target, 100);
      await inParallel(ids, 10, (id) => target.request(append(id, 'e-0')));
      const next = roundRobin(ids);
      return { next: () => append(next(), 'e-0') };
    },
  },
  batch: {
    title: `append a batch of ${BATCH}, over 1,000 sessions`,
    targets: OF_THIS_BUILD,
    prepare: async (target) => {
      const next = roundRobin(await fillSessions(target, 1000));
      return {
        next: () =>
          appendBatch(
            next(),
            Array.from({ length: BATCH }, () => fresh('e')),
          ),
      };
    },
  },
  stream: {
    title: `append to a session that ${FOLLOWERS} follow`,
    targets: OF_THIS_BUILD,
    prepare: followed,
  },
  list: {
    title: 'list 20 sessions',
    targets: OF_THIS_BUILD,
    prepare: async (target) => {
      await fillSessions(target, 1000);
      return { next: list };
    },
  },
  ...reads,
  complete: { title: 'complete', prepare: completeOnce },
  mix: { title: 'mix: 10 appends, 2 reads, 1 create, 1 complete', prepare: mixed },
  'one-connection': {
    title: 'append over one connection',
    connections: 1,
    prepare: async (target) => ({ next: appendTo(await fillSessions(target, 1)) }),
  },
};
