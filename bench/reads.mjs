// The scenarios that read one page of a session.
import { fillSessions } from './fill.mjs';
import { read, roundRobin } from './requests.mjs';

const SMALL = { sessions: 20, eventsEach: 1000 };
const LARGE = { sessions: 1, eventsEach: 50_000 };

/** Reads one page of several sessions in turn: the page of a query, or the one after it by cursor. */
const reading =
  ({ sessions, eventsEach, unordered, query = '', cursorFrom }) =>
  async (target) => {
    const ids = await fillSessions(target, sessions, { eventsEach, status: 'active', unordered });
    const requests = [];
    for (const id of ids) {
      const cursor =
        cursorFrom && (await target.send('GET', read(id, cursorFrom).path)).pagination.nextCursor;
      requests.push(read(id, cursor ? `?cursor=${cursor}` : query));
    }
    return { next: roundRobin(requests) };
  };

/** All targets except the bare limit, which supports only one order and the first page. */
const SERVICES = ['service', 'before', 'against'];

/** See `scenarios`. */
export const reads = {
  read: { title: 'read 20 of 1,000 events', prepare: reading(SMALL) },
  'read-unordered': {
    title: 'read 20 of 1,000 events, unordered',
    targets: SERVICES,
    prepare: reading({ ...SMALL, unordered: true }),
  },
  'read-large': { title: 'first page of 50,000 events', prepare: reading(LARGE) },
  'read-large-unordered': {
    title: 'first page of 50,000 events, unordered',
    targets: SERVICES,
    prepare: reading({ ...LARGE, unordered: true }),
  },
  'read-deep': {
    title: 'page 1,000 of 50,000 events',
    targets: SERVICES,
    prepare: reading({ ...LARGE, query: '?page=1000' }),
  },
  'read-deep-unordered': {
    title: 'page 1,000 of 50,000 events, unordered',
    targets: SERVICES,
    prepare: reading({ ...LARGE, unordered: true, query: '?page=1000' }),
  },
  'read-cursor-unordered': {
    title: 'page 1,000 of 50,000 events, unordered, by cursor',
    targets: SERVICES,
    prepare: reading({ ...LARGE, unordered: true, cursorFrom: '?page=999' }),
  },
};
