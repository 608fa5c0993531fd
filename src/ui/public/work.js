// What one does with a conversation: search it, step through it, copy, download and print it.

import { byId, h } from './page.js';

const DOWNLOADS = {
  text: ['transcript?format=text', 'txt'],
  WebVTT: ['transcript?format=vtt', 'vtt'],
  SRT: ['transcript?format=srt', 'srt'],
  vCon: ['transcript?format=vcon', 'vcon.json'],
  NDJSON: ['export', 'ndjson'],
};

let [found, current] = [[], -1];

/** Opens what an element is hidden in. */
export function reveal(element) {
  for (let at = element?.closest('details'); at; at = at.parentElement.closest('details')) at.open = true;
}

/** Marks what is searched for in the rows that there are. */
export function searchAgain() {
  const text = byId('search').value.trim();
  const pattern = new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'gi');
  found = text === '' ? [] : [...rangesOf(pattern)];
  current = Math.min(current, found.length - 1);
  byId('count').textContent = text && `${current + 1} of ${found.length}`;
  if (!('highlights' in CSS)) return; // then they are counted and gone to, but not marked
  CSS.highlights.set('found', new Highlight(...found));
  CSS.highlights.set('current', new Highlight(...found.slice(current, current + 1)));
}

function* rangesOf(pattern) {
  const texts = document.createTreeWalker(byId('turns'), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { currentNode: node } = texts;
    if (node.parentElement.closest('.who')) continue;
    for (const { index, 0: match } of node.data.matchAll(pattern)) {
      const range = new Range();
      range.setStart(node, index);
      range.setEnd(node, index + match.length);
      yield range;
    }
  }
}

function goToMatch(step) {
  current = found.length === 0 ? -1 : (current + step + found.length) % found.length;
  const place = found[current]?.startContainer.parentElement;
  reveal(place);
  place?.scrollIntoView({ block: 'center' });
  searchAgain();
}

/** Goes to the next turn or the one before; to begin with, to the first on the screen. */
function step(by) {
  const turns = [...document.querySelectorAll('.turn')];
  const at = turns.indexOf(document.activeElement.closest('.turn'));
  const top = byId('tools').getBoundingClientRect().bottom;
  const turn = at < 0 ? turns.find((each) => each.getBoundingClientRect().top >= top) : turns[at + by];
  turn?.focus();
  if (turn) history.replaceState(null, '', `#${turn.id}`);
}

/** Makes the tools work. `loadAll` loads the whole conversation, `say` tells how something went. */
export function workWith(path, { loadAll, say }) {
  const name = path.replace('/sessions/', '').replace(/%..|[^\w.-]/g, '_');
  for (const [label, [address, ending]] of Object.entries(DOWNLOADS)) {
    const link = { href: `${path}/${address}`, download: `${name}.${ending}` };
    byId('downloads').append(h('a', link, label));
  }
  byId('copy').addEventListener('click', async () => {
    try {
      const response = await fetch(`${path}/${DOWNLOADS.text[0]}`);
      if (!response.ok) throw new Error(`The service answered ${response.status}.`);
      await navigator.clipboard.writeText(await response.text());
      say('Copied.');
    } catch (error) {
      say(`It could not be copied: ${error.message}`);
    }
  });
  byId('print').addEventListener('click', () => loadAll().then(print));
  byId('search').addEventListener('input', async () => {
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
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input')) return;
    if (event.key === 'j') step(1);
    if (event.key === 'k') step(-1);
    if (event.key !== '/') return;
    event.preventDefault();
    byId('search').select();
  });
}
