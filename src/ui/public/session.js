// A conversation: loaded as one scrolls, and followed while it lasts.

import { byId, sessionDuration, failure, getJson, h, pathOf, setChildren, timeView } from './page.js';
import { rowsOf } from './turns.js';
import { reveal, searchAgain, workWith } from './work.js';

const RETRY_MS = 2000;
/** So far from the end of the page, one is still at the end. */
const NEAR_PX = 80;

const sessionId = decodeURIComponent(location.pathname.replace(/^\/sessions\/|\/$/gi, ''));
const path = pathOf(sessionId);
const events = new Map();
let session;
/** Where the next page begins; null after the last. */
let cursor;
/** The last sequence known of: what comes later comes by the stream. */
let tail = 0;
let [live, unseen] = ['off', 0];
let loading;
let drawing;

const pause = () => new Promise((resolve) => setTimeout(resolve, RETRY_MS));
const say = (text) => (byId('note').textContent = text);
const sayError = ({ message }) => say(message);
const isAtEnd = () => innerHeight + scrollY > document.documentElement.scrollHeight - NEAR_PX;
const toEnd = () => scrollTo(0, document.documentElement.scrollHeight);

/** Loads the next events; whoever wants more meanwhile waits for the same. */
function load() {
  return (loading ??= loadNext().finally(() => (loading = undefined)));
}

async function loadNext() {
  const from = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
  const { events: page, pagination, ...state } = await getJson(`${path}?limit=100${from}`);
  [session, cursor] = [state, pagination.nextCursor];
  tail = Math.max(tail, pagination.total ?? 0);
  for (const event of page) events.set(event.sequence, event);
  render();
}

async function loadAll() {
  while (cursor !== null) await load();
}

/** Opens a turn by its sequence. It may have to be loaded first. */
async function goTo(sequence) {
  while (!byId(sequence) && cursor !== null) await load();
  const place = byId(sequence);
  reveal(place);
  place?.closest('.turn')?.focus();
  say(place ? '' : `There is no turn ${sequence}.`);
}

function render() {
  const stays = live !== 'off' && isAtEnd();
  const inOrder = [...events.values()].sort(
    (one, other) => Date.parse(one.timestamp) - Date.parse(other.timestamp) || one.sequence - other.sequence,
  );
  setChildren(byId('turns'), rowsOf(inOrder, session, cursor === null));
  byId('loading').hidden = cursor === null;
  showFacts();
  searchAgain();
  if (stays) toEnd();
  showLive();
}

function showFacts() {
  const { status, language, startedAt, metadata } = session;
  const facts = [
    ['Started', timeView(startedAt, 'minute')],
    ['Duration', sessionDuration(session)],
    ['Language', language],
    ['Events', `${tail}`],
  ];
  for (const [name, value] of Object.entries(metadata)) {
    facts.push([name, typeof value === 'string' ? value : JSON.stringify(value)]);
  }
  const views = facts.map(([name, value]) =>
    h('div', null, h('dt', null, name), h('dd', { dir: 'auto' }, value)),
  );
  byId('facts').replaceChildren(...views);
  byId('status').textContent = status;
  byId('status').className = `badge ${status}`;
}

function showLive() {
  if (isAtEnd()) unseen = 0;
  const followed = unseen > 0 ? `${unseen} new ↓` : isAtEnd() ? 'Live' : 'Live ↓';
  const text = { off: '', lost: 'Connection lost, trying again…', live: followed }[live];
  byId('live').hidden = live === 'off';
  byId('live').className = live;
  if (byId('live').textContent !== text) byId('live').textContent = text;
}

function become(state) {
  live = state;
  showLive();
}

/** Follows the session from the last event that it has, until its end. What breaks off is taken up again. */
function follow() {
  const source = new EventSource(`${path}/events/stream?afterSequence=${tail}`);
  source.addEventListener('open', () => become('live'));
  source.addEventListener('event', ({ data }) => {
    const event = JSON.parse(data);
    if (event.sequence > tail) unseen++;
    tail = Math.max(tail, event.sequence);
    events.set(event.sequence, event);
    drawing ??= requestAnimationFrame(() => {
      drawing = undefined;
      render();
    });
  });
  source.addEventListener('session', ({ data }) => {
    source.close();
    session = { ...session, ...JSON.parse(data) };
    render();
    become('off');
  });
  source.addEventListener('error', async () => {
    become('lost');
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    await pause();
    const answer = await getJson(`${path}?limit=1`).catch((error) => error);
    if ([404, 410].includes(answer.status)) fail(answer);
    else follow();
  });
}

/** Loads more whenever the end of what is loaded comes near. */
function loadWhenNear() {
  const sight = new IntersectionObserver(
    async ([{ isIntersecting, target }]) => {
      if (!isIntersecting) return;
      const error = await load().catch((thrown) => thrown);
      say(error ? `${error.message} Trying again…` : '');
      if (error) await pause();
      sight.unobserve(target);
      sight.observe(target); // tells anew whether it is near
    },
    { rootMargin: '2000px' },
  );
  sight.observe(byId('loading'));
}

function fail(error) {
  const titles = { 404: 'There is no such conversation', 410: 'This conversation was deleted' };
  become('off');
  for (const id of ['loading', 'tools', 'downloads', 'keys']) byId(id).hidden = true;
  byId('turns').replaceChildren();
  const help = titles[error.status]
    ? 'Its id may be mistyped; all there are can be found in the list.'
    : h('a', { href: '' }, 'Try again');
  byId('head').replaceChildren(failure(error, titles[error.status] ?? 'It could not be loaded', help));
}

document.title = `${sessionId} · conversation`;
byId('id').textContent = sessionId;
try {
  await load();
  byId('tools').hidden = byId('downloads').hidden = false;
  workWith(path, { loadAll: () => loadAll().catch(sayError), say });
  addEventListener('scroll', showLive, { passive: true });
  addEventListener('hashchange', () => goTo(location.hash.slice(1)).catch(sayError));
  byId('live').addEventListener('click', toEnd);
  if (session.endedAt === null) {
    await loadAll();
    follow();
  } else loadWhenNear();
  if (location.hash !== '') await goTo(location.hash.slice(1));
  else if (session.endedAt === null) toEnd();
} catch (error) {
  fail(error);
}
