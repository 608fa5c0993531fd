import { setTimeout as sleep } from 'node:timers/promises';
import { fillSessions } from './fill.mjs';
import { follow } from './follow.mjs';
import { append, fresh, read } from './requests.mjs';

export const FOLLOWERS = 20;
/** The longest time until followers have received everything. */
const FOLLOWERS_MS = 10_000;

/** Appends to a session with followers, a new one in each round; a round ends when they have received everything. */
export const followed = async (target) => {
  let sessionId;
  let streams = [];
  return {
    beforeRound: async () => {
      [sessionId] = await fillSessions(target, 1);
      streams = await Promise.all(Array.from({ length: FOLLOWERS }, () => follow(target, sessionId)));
    },
    next: () => append(sessionId, fresh('e')),
    afterRound: async () => {
      const { pagination } = await target.send('GET', read(sessionId).path);
      const late = performance.now() + FOLLOWERS_MS;
      while (streams.some(({ events }) => events < pagination.total)) {
        if (performance.now() > late) throw new Error(`${target.name}: followers have not seen every event`);
        await sleep(5);
      }
      for (const stream of streams) stream.close();
    },
  };
};
