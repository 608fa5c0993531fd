// The list of conversations: those that run, which are asked for again and again, and those that have ended.

import { badge, byId, failure, getJson, h, pathOf, setChildren, span, timeView } from './page.js';

const REFRESH_MS = 5000;
const RUNNING = ['initiated', 'active'];
const ENDED = ['completed', 'failed'];

const filters = new URLSearchParams(
  [...new URLSearchParams(location.search)].filter(([name]) => /^(status|from|to|metadata\..*)$/.test(name)),
);
const wanted = filters.get('status')?.split(',') ?? [...RUNNING, ...ENDED];
const rows = new Map();
let keys = [];
let ended = [];
let running = [];
let next = null;

/** A day in the page's URL is one of the reader's time zone; other times are the API's. */
function moment(text, days) {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  return year ? new Date(year, month - 1, Number(day) + days).toISOString() : text;
}

/** A page of the sessions that have one of these statuses, as far as the filters want them. */
async function list(statuses, cursor) {
  const status = statuses.filter((each) => wanted.includes(each)).join();
  if (!status) return { sessions: [], pagination: { nextCursor: null } };
  const query = new URLSearchParams({ ...Object.fromEntries(filters), limit: 100, status });
  if (filters.has('from')) query.set('from', moment(filters.get('from'), 0));
  if (filters.has('to')) query.set('to', moment(filters.get('to'), 1));
  if (cursor) query.set('cursor', cursor);
  return getJson(`/sessions?${query}`);
}

/** A session's row: made once for what it says, so that a reader keeps their place while the list changes around it. */
function rowOf(session) {
  const { sessionId, status, language, startedAt, endedAt, metadata, eventCount } = session;
  const text = JSON.stringify(session);
  let row = rows.get(sessionId);
  if (row?.text !== text) {
    const named = [...new Set([...keys, ...Object.keys(metadata)])]
      .map((key) => metadata[key])
      .filter((value) => ['string', 'number'].includes(typeof value) && value !== '');
    const [title = sessionId, also = ''] = named;
    const took = h('span', { class: 'took' });
    const node = h(
      'li',
      null,
      h(
        'a',
        { class: 'row', href: pathOf(sessionId) },
        h('span', { class: 'title' }, h('bdi', null, `${title}`), h('bdi', { class: 'soft' }, `${also}`)),
        h('bdi', { class: 'id soft' }, named.length > 0 && sessionId),
        timeView(startedAt, 'both'),
        took,
        h('span', null, eventCount === undefined ? '' : `${eventCount} events`),
        h('span', null, language),
        badge(status),
      ),
    );
    row = { text, node, took };
    rows.set(sessionId, row);
  }
  row.took.textContent = span((endedAt ? Date.parse(endedAt) : Date.now()) - Date.parse(startedAt));
  return row.node;
}

function render() {
  setChildren(byId('running'), running.map(rowOf));
  setChildren(byId('ended'), ended.map(rowOf));
  for (const id of ['running', 'ended']) byId(id).parentElement.hidden = byId(id).children.length === 0;
  byId('more').hidden = next === null;
  const isEmpty = running.length + ended.length === 0;
  byId('empty').replaceChildren(...(isEmpty ? (filters.size > 0 ? [noneView()] : firstView()) : []));
}

const noneView = () => h('p', null, 'No conversation matches. ', h('a', { href: '/sessions' }, 'Show all'));

function firstView() {
  const json = "-H 'Content-Type: application/json' -d";
  const events = [
    { eventId: '1', type: 'bot_speech', payload: { text: 'Good morning, how can I help?' } },
    { eventId: '2', type: 'user_speech', payload: { text: 'Is this being recorded?' } },
  ];
  const session = { sessionId: 'my-first-call', language: 'en', metadata: { caller: '+44 20 7946 0018' } };
  return [
    h('h2', null, 'Nothing is recorded yet'),
    h('p', null, 'Record a first conversation with this command; it appears here by itself:'),
    h(
      'pre',
      { tabindex: 0 },
      `curl ${location.origin}/sessions ${json} '${JSON.stringify(session)}' \\\n  --next ${location.origin}/sessions/my-first-call/events/batch ${json} '${JSON.stringify({ events })}'`,
    ),
    h('p', null, 'Or start ', h('code', null, './demo.sh --keep'), ', which leaves a whole call here.'),
  ];
}

/** Asks for the running ones again, and for what has ended when one of them is gone. */
async function refresh() {
  const before = running;
  running = (await list(RUNNING)).sessions;
  const now = new Set(running.map(({ sessionId }) => sessionId));
  if (before.some(({ sessionId }) => !now.has(sessionId))) {
    const { sessions } = await list(ENDED);
    const latest = new Set(sessions.map(({ sessionId }) => sessionId));
    ended = [...sessions, ...ended.filter(({ sessionId }) => !latest.has(sessionId))];
  }
  render();
}

async function more() {
  const { sessions, pagination } = await list(ENDED, next);
  ended = [...ended, ...sessions];
  next = pagination.nextCursor;
  render();
}

function keepFresh() {
  setTimeout(async () => {
    if (document.visibilityState === 'visible') {
      const error = await refresh().catch((thrown) => thrown);
      byId('note').textContent = error ? `${error.message} Trying again…` : '';
    }
    keepFresh();
  }, REFRESH_MS);
}

/** The page's address with other filters; undefined takes one away. */
function addressWith(changes) {
  const query = new URLSearchParams(filters);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) query.delete(name);
    else query.set(name, value);
  }
  return `/sessions?${query}`;
}

function showFilters() {
  const form = byId('filters');
  for (const key of keys) {
    const input = h('input', { name: `metadata.${key}` });
    form.insertBefore(h('label', null, key, ' ', input), form.querySelector('button'));
  }
  for (const field of form.querySelectorAll('[name]')) field.value = filters.get(field.name) ?? '';
  const day = (ago) => new Date(Date.now() - ago * 86_400_000).toLocaleDateString('sv'); // as 2026-01-31
  const days = { Today: [0, 0], Yesterday: [1, 1], 'Last 7 days': [6, 0] };
  for (const [name, [from, to]] of Object.entries(days)) {
    byId('days').append(h('a', { href: addressWith({ from: day(from), to: day(to) }) }, name), ' ');
  }
  for (const [name, value] of filters) {
    const text = `${name.replace('metadata.', '')}: ${value === RUNNING.join() ? 'running' : value}`;
    const link = h(
      'a',
      { class: 'chip', href: addressWith({ [name]: undefined }), title: 'Remove this filter' },
      text,
      ' ✕',
    );
    byId('chips').append(h('li', null, link));
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    location.assign(`/sessions?${new URLSearchParams([...new FormData(form)].filter(([, value]) => value))}`);
  });
}

byId('find').addEventListener('submit', (event) => {
  event.preventDefault();
  location.assign(pathOf(event.target.elements.id.value.trim()));
});
byId('more').addEventListener('click', more);

try {
  const about = await getJson('/');
  keys = about.metadataFilterKeys;
  byId('version').textContent = `Version ${about.version}`;
  showFilters();
  await Promise.all([refresh(), more()]);
  keepFresh();
} catch (error) {
  byId('empty').replaceChildren(
    failure(error, 'The list could not be loaded', h('a', { href: '/sessions' }, 'Show all')),
  );
}
