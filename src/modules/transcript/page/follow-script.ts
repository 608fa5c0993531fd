/**
 * Follows a running session on its page. The stream reports that something has happened; the script then fetches the
 * page after the last event and takes its rows. So all rows are rendered in one place, and the script does not depend
 * on the form of events.
 *
 * A browser gives up a stream that is answered with an error. Then the script fetches the page: if the session is gone,
 * it reloads, which shows this; otherwise it opens the stream again.
 */
export const FOLLOW_JS = `
const RETRY_MS = 2000;
const live = document.getElementById('live');
const path = location.pathname.replace(/[/]+$/, '');
const list = document.querySelector('main ol') ?? document.createElement('ol');
let shown = Number(live.dataset.last);
let wanted = shown;
let work = Promise.resolve();
let stream;

const say = (text) => { live.textContent = text; live.hidden = false; };
const pause = () => new Promise((resolve) => setTimeout(resolve, RETRY_MS));

async function pageAfter(sequence) {
  for (;; await pause()) {
    const response = await fetch(path + '?sort=sequence&limit=100&afterSequence=' + sequence, { headers: { accept: 'text/html' } })
      .catch(() => undefined);
    if (response?.status === 404 || response?.status === 410) location.reload();
    if (response?.ok) return new DOMParser().parseFromString(await response.text(), 'text/html');
  }
}

/** Adds the rows of a page that are not here yet, each after the one before it. */
function add(page) {
  const atEnd = innerHeight + scrollY > document.documentElement.scrollHeight - 100;
  document.querySelector('.empty')?.replaceWith(list);
  let last = list.lastElementChild;
  for (const row of page.querySelectorAll('main ol > li')) {
    const here = row.id && document.getElementById(row.id);
    if (here) last = here;
    else if (row.className !== 'day' || row.textContent !== [...list.querySelectorAll('.day')].at(-1)?.textContent) {
      if (last) last.after(row); else list.append(row);
      last = row;
    }
    if (row.id) shown = Math.max(shown, Number(row.id.slice('event-'.length)));
  }
  for (const part of ['.head', '.facts']) document.querySelector(part).replaceWith(page.querySelector(part));
  document.getElementById('events').textContent = shown;
  if (atEnd) scrollTo(0, document.documentElement.scrollHeight);
}

/** Draws what is missing, one page after the other. */
function draw() {
  work = work.then(async () => { while (shown < wanted) add(await pageAfter(shown)); });
}

/** Draws the end, too, behind the last event before it. */
function finish({ finalSequence }) {
  stream.close();
  wanted = Math.max(wanted, finalSequence);
  draw();
  work = work.then(async () => {
    live.hidden = true;
    if (shown === 0) location.reload();
    else add(await pageAfter(Math.max(0, finalSequence - 1)));
  });
}

function follow() {
  stream = new EventSource(path + '/events/stream?afterSequence=' + shown);
  stream.onopen = () => say('Live: what happens next appears here.');
  stream.addEventListener('event', ({ lastEventId }) => { wanted = Math.max(wanted, Number(lastEventId)); draw(); });
  stream.addEventListener('session', ({ data }) => finish(JSON.parse(data)));
  stream.onerror = async () => {
    say('The connection is cut; trying again.');
    if (stream.readyState !== EventSource.CLOSED) return;
    await pause();
    await pageAfter(shown);
    follow();
  };
}
list.setAttribute('aria-live', 'polite');
follow();
`;
