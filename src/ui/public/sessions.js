// The list of conversations: first those that run, then all others, newest first. It is asked for again and again.

import { byId, sessionDuration, failure, getJson, h, pathOf, setChildren, timeView } from './page.js';

const REFRESH_MS = 5000;
const RUNNING = ['initiated', 'active'];

const parameters = [...new URLSearchParams(location.search)];
const filters = Object.fromEntries(
  parameters.filter(([name]) => /^(status|from|to|metadata\..*)$/.test(name)),
);
const rows = new Map();
let [keys, running, others, next] = [[], [], [], undefined];

/** A day in the page's URL is one of the reader's time zone; other times are the API's. */
function moment(text, days) {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  return year ? new Date(year, month - 1, Number(day) + days).toISOString() : text;
}

/** A page of the sessions that the filters want. */
function list(changes) {
  const query = new URLSearchParams({ ...filters, include: 'activity', limit: 100, ...changes });
  if (filters.from) query.set('from', moment(filters.from, 0));
  if (filters.to) query.set('to', moment(filters.to, 1));
  return getJson(`/sessions?${query}`);
}

/** Asks for what is new: all that run, and the first page of all. */
async function refresh() {
  const status = RUNNING.filter((each) => (filters.status ?? each).split(',').includes(each)).join();
  const [first, page] = await Promise.all([status ? list({ status }) : { sessions: [] }, list()]);
  running = first.sessions;
  next = next === undefined ? page.pagination.nextCursor : next;
  show(page.sessions);
}

async function more() {
  const { sessions, pagination } = await list({ cursor: next });
  next = pagination.nextCursor;
  show(sessions);
}

/** Shows these sessions, and all that were shown before. */
function show(sessions) {
  const byIds = (list) => new Map(list.map((session) => [session.sessionId, session]));
  const ids = byIds(running);
  others = [...byIds([...others, ...sessions]).values()].filter(({ sessionId }) => !ids.has(sessionId));
  others.sort((one, other) => Date.parse(other.startedAt) - Date.parse(one.startedAt));
  setChildren(byId('running'), running.map(rowOf));
  setChildren(byId('others'), others.map(rowOf));
  byId('more').hidden = next === null;
  const isEmpty = running.length + others.length === 0;
  byId('first').hidden = !isEmpty || parameters.length > 0;
  byId('note').textContent = isEmpty && parameters.length > 0 ? 'No conversation matches.' : '';
}

/** A session's row. It stays the same element while it shows the same, so that a reader does not lose their place. */
function rowOf(session) {
  const { sessionId, status, language, startedAt, metadata, eventCount } = session;
  const text = JSON.stringify(session);
  if (rows.get(sessionId)?.text !== text) {
    const values = [...new Set([...keys, ...Object.keys(metadata)])].map((key) => metadata[key]);
    const [title = sessionId, also] = values
      .filter((value) => /string|number/.test(typeof value))
      .map(String);
    const [name, took] = [h('span'), h('span')];
    name.append(h('bdi', { class: 'title' }, title), h('bdi', { class: 'soft' }, also));
    if (title !== sessionId) name.append(h('bdi', { class: 'id soft' }, sessionId));
    const count = h('span', null, `${eventCount} ${eventCount === 1 ? 'event' : 'events'}`);
    const end = h('span', { class: `badge ${status}` }, status);
    const cells = [name, timeView(startedAt, 'minute'), took, count, h('span', null, language), end];
    rows.set(sessionId, { text, took, row: h('li', null, h('a', { href: pathOf(sessionId) }, cells)) });
  }
  const { took, row } = rows.get(sessionId);
  took.textContent = sessionDuration(session);
  return row;
}

/** The page's address with other filters; an empty one is taken away. */
function addressWith(changes) {
  return `/sessions?${new URLSearchParams(Object.entries({ ...filters, ...changes }).filter(([, value]) => value))}`;
}

function showFilters() {
  const form = byId('filters');
  form.lastElementChild.before(
    ...keys.map((key) => h('label', null, key, h('input', { name: `metadata.${key}` }))),
  );
  for (const field of form.querySelectorAll('[name]')) field.value = filters[field.name] ?? '';
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    location.assign(addressWith(Object.fromEntries(new FormData(form))));
  });
  const day = (ago) => new Date(Date.now() - ago * 86_400_000).toLocaleDateString('sv'); // as 2026-01-31
  const spans = { Today: [0, 0], Yesterday: [1, 1], 'Last 7 days': [6, 0] };
  for (const [name, [from, to]] of Object.entries(spans)) {
    byId('chips').append(h('a', { href: addressWith({ from: day(from), to: day(to) }) }, name));
  }
  for (const [name, value] of Object.entries(filters)) {
    const text = `${name.replace('metadata.', '')}: ${value === RUNNING.join() ? 'running' : value} ✕`;
    const link = { class: 'badge', href: addressWith({ [name]: '' }), title: 'Remove this filter' };
    byId('chips').append(h('a', link, text));
  }
}

/** Says what went wrong while the list was shown already. */
const say = (error) => (byId('note').textContent = error.message);
byId('more').addEventListener('click', () => more().catch(say));
byId('find').addEventListener('submit', (event) => {
  event.preventDefault();
  location.assign(pathOf(event.target.elements.id.value.trim()));
});
const command = byId('first').querySelector('pre');
command.textContent = command.textContent.replaceAll('http://localhost:3000', location.origin);

try {
  const about = await getJson('/');
  keys = about.metadataFilterKeys;
  byId('version').textContent = `Version ${about.version}`;
  showFilters();
  await refresh();
  setInterval(() => document.visibilityState === 'visible' && refresh().catch(say), REFRESH_MS);
} catch (error) {
  byId('note').replaceChildren(
    failure(error, 'The list could not be loaded', h('a', { href: '/' }, 'All conversations')),
  );
}
