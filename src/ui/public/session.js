// A conversation: loaded as one scrolls, and followed while it lasts.

import { badge, byId, failure, getJson, h, pathOf, setChildren, span, timeView } from './page.js';
import { rowsOf } from './turns.js';
import { searchAgain, workWith } from './work.js';

const RETRY_MS = 2000;
/** So far from the end of the page, one still follows it. */
const NEAR_PX = 80;

const sessionId = decodeURIComponent(location.pathname.replace(/^\/sessions\/|\/$/gi, ''));
const path = pathOf(sessionId);
const events = new Map();
let session;
/** Where the next page begins: undefined before the first, null after the last. */
let cursor;
/** The last sequence that had been stored when the page was opened; what comes later is followed. */
let opened = 0;
let live = 'off';
let unseen = 0;

let loading;
/** Loads the next events; several who want more wait for the same ones. */
const load = () => (loading ??= loadNext().finally(() => (loading = undefined)));

async function loadNext() {
  const {
    events: page,
    pagination,
    ...state
  } = await getJson(`${path}?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
  opened = Math.max(opened, pagination.total ?? 0);
  cursor = pagination.nextCursor;
  session = state;
  for (const event of page) events.set(event.sequence, event);
  render();
}

async function loadAll() {
  while (cursor !== null) await load();
}

/** Opens turn `sequence`, which may have to be loaded first. */
async function goTo(sequence) {
  while (!byId(sequence) && cursor !== null) await load();
  const place = byId(sequence);
  for (let around = place?.closest('details'); around; around = around.parentElement.closest('details'))
    around.open = true;
  place?.closest('.turn')?.focus();
  say(place ? '' : `There is no turn ${sequence} here.`);
}

const isAtEnd = () => innerHeight + scrollY > document.documentElement.scrollHeight - NEAR_PX;
const toEnd = () => scrollTo(0, document.documentElement.scrollHeight);
const say = (text) => (byId('note').textContent = text);

function render() {
  const stays = live !== 'off' && isAtEnd();
  const inOrder = [...events.values()].sort((one, other) =>
    one.timestamp < other.timestamp
      ? -1
      : one.timestamp > other.timestamp
        ? 1
        : one.sequence - other.sequence,
  );
  setChildren(byId('turns'), rowsOf(inOrder, session, cursor === null));
  byId('loading').hidden = cursor === null;
  showHead(inOrder);
  searchAgain();
  if (stays) toEnd();
  showLive();
}

function showHead(inOrder) {
  const { status, language, startedAt, endedAt, metadata } = session;
  const started = Date.parse(startedAt);
  const [first, last] = [inOrder[0], inOrder.at(-1)].map((event) =>
    Date.parse(event?.timestamp ?? startedAt),
  );
  // A call that was recorded later, without its own start, is as long as its events.
  const took =
    first < started ? last - first : (endedAt ? Date.parse(endedAt) : Math.max(last, started)) - started;
  const fact = (name, value) => h('div', null, h('dt', null, name), h('dd', null, value));
  const count = Math.max(session.eventCount ?? 0, opened, ...events.keys());
  byId('head').replaceChildren(
    h('a', { href: '/sessions' }, 'Conversations'),
    h('h1', null, h('bdi', null, sessionId), ' ', badge(status)),
    h(
      'dl',
      { class: 'facts' },
      fact('Started', timeView(startedAt, 'both')),
      cursor === null && fact('Duration', span(took)),
      fact('Language', language),
      fact('Events', `${count}`),
    ),
    h(
      'dl',
      { class: 'metadata' },
      Object.entries(metadata).map(([key, value]) =>
        h(
          'div',
          null,
          h('dt', null, key),
          h('dd', { dir: 'auto' }, typeof value === 'string' ? value : JSON.stringify(value)),
        ),
      ),
    ),
  );
}

function showLive() {
  if (isAtEnd()) unseen = 0;
  const text = {
    off: '',
    lost: 'Connection lost, trying again…',
    live: unseen > 0 ? `${unseen} new ↓` : isAtEnd() ? 'Live' : 'Live ↓',
  }[live];
  byId('live').hidden = text === '';
  byId('live').className = live;
  if (byId('live').textContent !== text) byId('live').textContent = text;
}

let drawing;
/** Draws what has arrived, at most once a frame. */
function drawSoon() {
  drawing ??= requestAnimationFrame(() => {
    drawing = undefined;
    render();
  });
}

/** Follows the session from the last event it has, until its end. What breaks off is taken up again. */
function follow() {
  const source = new EventSource(`${path}/events/stream?afterSequence=${Math.max(opened, ...events.keys())}`);
  source.addEventListener('open', () => {
    live = 'live';
    showLive();
  });
  source.addEventListener('event', ({ data }) => {
    const event = JSON.parse(data);
    if (!events.has(event.sequence)) unseen++;
    events.set(event.sequence, event);
    drawSoon();
  });
  source.addEventListener('session', ({ data }) => {
    source.close();
    session = { ...session, ...JSON.parse(data) };
    render();
    live = 'off';
    showLive();
  });
  source.addEventListener('error', async () => {
    live = 'lost';
    showLive();
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    const error = await getJson(`${path}?limit=1`).then(
      () => undefined,
      (thrown) => thrown,
    );
    if (error?.status === 404 || error?.status === 410) fail(error);
    else follow();
  });
}

function fail(error) {
  const titles = {
    400: 'This can’t be the id of a conversation',
    404: 'There is no such conversation',
    410: 'This conversation was deleted',
  };
  byId('loading').hidden = true;
  byId('tools').hidden = true;
  byId('live').hidden = true;
  byId('turns').replaceChildren();
  const again = h('button', { click: () => location.reload() }, 'Try again');
  const help = titles[error.status] ? h('a', { href: '/sessions' }, 'All conversations') : again;
  byId('head').replaceChildren(
    h('a', { href: '/sessions' }, 'Conversations'),
    failure(error, titles[error.status] ?? 'It could not be loaded', help),
  );
}

document.title = `${sessionId} · conversation`;
addEventListener('scroll', showLive, { passive: true });
byId('live').addEventListener('click', toEnd);
addEventListener('hashchange', () => goTo(location.hash.slice(1)));

try {
  await load();
  byId('tools').hidden = false;
  workWith({ path, sessionId, loadAll, say });
  if (session.endedAt === null) {
    await loadAll();
    follow();
    if (location.hash === '') toEnd();
  } else {
    const sight = new IntersectionObserver(
      async ([entry]) => {
        if (!entry.isIntersecting || cursor === null) return;
        await load().catch((error) => say(error.message));
        sight.unobserve(byId('loading')); // it is asked anew whether that was enough
        sight.observe(byId('loading'));
      },
      { rootMargin: '2000px' },
    );
    sight.observe(byId('loading'));
  }
  if (location.hash !== '') await goTo(location.hash.slice(1));
} catch (error) {
  fail(error);
}
