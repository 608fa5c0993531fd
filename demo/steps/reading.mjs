import { same, status } from '../check.mjs';
import { cut, dim, fields, line, pad } from '../terminal.mjs';
import { sequences } from './recording.mjs';

/** Reading events: by page, by cursor, and filtered. */
export const reading = [
  {
    title: 'Read page by page',
    says: 'GET /sessions/:id answers the session, one page of its events and where that page stands.',
    async run({ client, call }) {
      const path = `/sessions/${call.session.sessionId}`;
      const seen = [];
      for (let page = 1; page <= 4; page++) {
        client.showRequest('GET', `${path}?limit=8&page=${page}`);
        const answer = await client.get(`${path}?limit=8&page=${page}`);
        status(answer, 200);
        const { pagination } = answer.body;
        same('the pagination', { ...pagination, nextCursor: typeof pagination.nextCursor }, {
          total: 31,
          page,
          limit: 8,
          totalPages: 4,
          hasMore: page < 4,
          nextCursor: page < 4 ? 'string' : 'object', // null
        }); // oxfmt-ignore
        seen.push(...answer.body.events);
        line(
          `  page ${page} of ${pagination.totalPages}, ${answer.body.events.length} of ${pagination.total} events: ${dim(sequences(answer).join(' '))}`,
        );
      }
      same('the events of all pages', seen.map(({ eventId }) => eventId).sort(), call.stored.map(({ eventId }) => eventId).sort()); // oxfmt-ignore
      return 'Four pages show each of the 31 events once, in the order of time.';
    },
  },
  {
    title: 'Walk by cursor while others write',
    says: 'A page number shifts when events are added in front of it; a cursor does not. After each page of this walk somebody appends an event.',
    async run({ client, crowd }) {
      const path = `/sessions/${crowd.sessionId}`;
      const seen = [];
      let pages = 0;
      let cursor = null;
      do {
        const query = cursor === null ? '?limit=15' : `?limit=15&cursor=${cursor}`;
        client.showRequest('GET', path + query);
        const answer = await client.get(path + query);
        status(answer, 200);
        const { events, pagination } = answer.body;
        seen.push(...events.map(({ eventId }) => eventId));
        cursor = pagination.nextCursor;
        line(`  ${events.length} events${cursor === null ? ', and no next cursor: the end' : ''}`);
        if (cursor !== null) {
          const event = { eventId: `meanwhile-${++pages}`, type: 'system', payload: {} };
          status(await client.post(`${path}/events`, event), 201);
        }
      } while (cursor !== null);
      crowd.total = 51 + pages;
      same('events seen twice', seen.length - new Set(seen).size, 0);
      const there = ['only-once', ...Array.from({ length: 50 }, (_, index) => `racer-${index + 1}`)];
      same('events missed', there.filter((eventId) => !seen.includes(eventId)), []); // oxfmt-ignore
      return `Each of the 51 events that were there at the start was seen exactly once, and so were ${seen.length - 51} of those added on the way.`;
    },
  },
  {
    title: 'Read a part',
    says: 'Filters narrow the events down: by type, by time, by the sequence last seen.',
    async run({ client, call }) {
      const path = `/sessions/${call.session.sessionId}`;
      const at = (ms) => new Date(call.start + ms).toISOString();
      const from = at(0);
      const to = at(10_000);
      const queries = [
        ['type=user_speech', (event) => event.type === 'user_speech'],
        ['type=bot_speech&limit=3', (event) => event.type === 'bot_speech', 3],
        [`from=${from}&to=${to}`, (event) => event.timestamp >= from && event.timestamp < to],
        ['afterSequence=28&sort=sequence', (event) => event.sequence > 28],
        ['order=desc&sort=sequence&limit=5', () => true, 5],
      ];
      const rows = [];
      for (const [query, selects, limit = 20] of queries) {
        const answer = await client.get(`${path}?${query}`);
        status(answer, 200);
        const expected = call.stored.filter(selects);
        same(`the total of ${query}`, answer.body.pagination.total, expected.length);
        const desc = query.startsWith('order=desc');
        const inOrder = desc || query.includes('sort=sequence') ? expected : expected.sort(byTime);
        const wanted = (desc ? inOrder.reverse() : inOrder).slice(0, limit);
        same(`the events of ${query}`, sequences(answer), wanted.map(({ sequence }) => sequence)); // oxfmt-ignore
        rows.push([query.replaceAll(/\d{4}-\d\d-\d\dT/g, '…'), answer]);
      }
      client.showRequest('GET', `${path}?type=user_speech`);
      fields(
        rows.map(([query, answer]) => [
          cut(query, 44),
          `${pad(String(answer.body.pagination.total), 4)}${dim(`: ${sequences(answer).join(' ')}`)}`,
        ]),
      );
      return 'Each answer holds exactly the events that its query selects, and their number.';
    },
  },
];

const byTime = (a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp) || a.sequence - b.sequence;
