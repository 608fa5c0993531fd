// What one does with a conversation: search it, step through it, copy, download and print it.

import { byId, h } from './page.js';

const DOWNLOADS = {
  Text: ['transcript?format=text', 'txt'],
  WebVTT: ['transcript?format=vtt', 'vtt'],
  SRT: ['transcript?format=srt', 'srt'],
  vCon: ['transcript?format=vcon', 'vcon.json'],
  NDJSON: ['export', 'ndjson'],
};

let found = [];
let current = -1;

/** Marks what is searched for, in all that is shown by now. */
export function searchAgain() {
  const text = byId('search').value.trim();
  found = text === '' ? [] : rangesOf(new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'gi'));
  current = Math.min(current, found.length - 1);
  show();
}

function rangesOf(pattern) {
  const texts = document.createTreeWalker(byId('turns'), NodeFilter.SHOW_TEXT, ({ parentElement }) =>
    parentElement.closest('.who, .panel') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  const ranges = [];
  while (texts.nextNode()) {
    for (const { index, 0: match } of texts.currentNode.data.matchAll(pattern)) {
      const range = new Range();
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + match.length);
      ranges.push(range);
    }
  }
  return ranges;
}

function show() {
  byId('count').textContent = byId('search').value.trim() === '' ? '' : `${current + 1} of ${found.length}`;
  if (!('highlights' in CSS)) return; // then they are counted and gone to, but not marked
  CSS.highlights.set('found', new Highlight(...found));
  CSS.highlights.set('current', new Highlight(...found.slice(current, current < 0 ? 0 : current + 1)));
}

function goToMatch(step) {
  if (found.length === 0) return;
  current = (current + step + found.length) % found.length;
  const place = found[current].startContainer.parentElement;
  for (let around = place.closest('details'); around; around = around.parentElement.closest('details'))
    around.open = true;
  place.scrollIntoView({ block: 'center' });
  show();
}

/** Goes to the next turn, or the one before; the first visible one to begin with. */
function step(by) {
  const turns = [...byId('turns').querySelectorAll('.turn')];
  const at = turns.indexOf(document.activeElement.closest('.turn'));
  const top = byId('tools').getBoundingClientRect().bottom;
  const turn = at < 0 ? turns.find((each) => each.getBoundingClientRect().top >= top) : turns[at + by];
  if (!turn) return;
  turn.focus();
  history.replaceState(null, '', `#${turn.id}`);
}

/** Makes the tools work. */
export function workWith({ path, sessionId, loadAll, say }) {
  const name = sessionId.replace(/[^\w.-]+/g, '_');
  for (const [label, [address, ending]] of Object.entries(DOWNLOADS)) {
    byId('downloads').append(
      h('li', null, h('a', { href: `${path}/${address}`, download: `${name}.${ending}` }, label)),
    );
  }
  byId('copy').addEventListener('click', async () => {
    try {
      const response = await fetch(`${path}/${DOWNLOADS.Text[0]}`);
      if (!response.ok) throw new Error(`The service answered ${response.status}`);
      await navigator.clipboard.writeText(await response.text());
      say('Copied.');
    } catch (error) {
      say(`It could not be copied (${error.message}). Download it as text instead.`);
    }
  });
  byId('print').addEventListener('click', async () => {
    await loadAll();
    print();
  });
  byId('search').addEventListener('input', async () => {
    byId('count').textContent = 'Loading…';
    await loadAll();
    current = -1;
    searchAgain();
    goToMatch(1);
  });
  byId('search').addEventListener('keydown', ({ key, shiftKey }) => {
    if (key === 'Enter') goToMatch(shiftKey ? -1 : 1);
    if (key === 'Escape') byId('search').blur();
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, select, textarea'))
      return;
    if (event.key === '/') {
      event.preventDefault();
      byId('search').select();
    }
    if (event.key === 'j') step(1);
    if (event.key === 'k') step(-1);
  });
}
