import { markup, type Markup } from '../../../pages/markup.js';
import { type TranscriptEvent } from '../../event/dto/transcript-event.dto.js';
import { type TranscriptResponse } from '../dto/transcript-response.dto.js';
import { excerptOf } from './excerpt.js';
import { jsonText } from './json-text.js';
import { aloneLink } from './page-links.js';
import { clockOf, dayOf, offsetIn } from '../../../pages/times.js';

const SPEAKERS: Readonly<Record<TranscriptEvent['type'], string>> = {
  user_speech: 'User',
  bot_speech: 'Bot',
  system: 'System',
};

/** Bytes of markup that an event shows at most: 1,300 words of English, say; by itself on a page it shows more. */
const EVENT_BYTES = 8000;
const ALONE_BYTES = 500_000;
/** Of these, what is not text, which fills more lines. */
const FIELDS_BYTES = 3000;
/** What the events of a page show together, however many it may have. */
const EVENTS_BYTES = 1_000_000;
/** Names of fields in the line behind which they are folded. */
const NAMES_BYTES = 200;

/** Bytes of markup that each of so many events on a page may show of its payload. */
export function bytesOfEach(events: number): number {
  return events === 1 ? ALONE_BYTES : Math.min(EVENT_BYTES, Math.floor(EVENTS_BYTES / events));
}

/** One event: who, when, and what. By convention `payload.text` is what was said; the rest is shown as JSON. */
export function eventView(event: TranscriptEvent, session: TranscriptResponse): Markup {
  const { sequence, type, late, timestamp, receivedAt, eventId } = event;
  const time = new Date(timestamp);
  const offset = offsetIn(session.startedAt, time);
  const title = `${timestamp}, stored ${receivedAt}, event ${eventId}`;
  return markup`<li class="event ${type}${late && ' late'}" id="event-${sequence}">
    <div class="who">
      <b>${SPEAKERS[type]}</b>
      ${offset !== undefined && markup`<span>${offset}</span>`}
      <a href="#event-${sequence}" title="${title}"
        ><time datetime="${timestamp}">${clockOf(time)}</time></a
      >
      ${late && markup`<span class="badge" title="Stored after the end">late</span>`}
    </div>
    <div class="say">${contentView(event, session)}</div>
  </li>`;
}

function contentView({ payload, sequence }: TranscriptEvent, session: TranscriptResponse): Markup {
  const { text } = payload;
  const said = typeof text === 'string' ? text : undefined;
  const keys = Object.keys(payload).filter((key) => said === undefined || key !== 'text');
  if (!said && keys.length === 0) return markup`<p class="soft">(no content)</p>`;

  const share = bytesOfEach(session.events.length);
  const alone = session.events.length === 1;
  const more = (what: string) => moreView(what, alone ? undefined : sequence);
  const { text: begun, bytes, leftOut } = excerptOf(said ?? '', share);
  return markup`${begun !== '' && markup`<p dir="auto" lang="${session.language}">${begun}</p>`}
    ${leftOut > 0 && more(`${count(leftOut)} more characters`)}
    ${keys.length > 0 && fieldsView(payload, keys, alone ? share - bytes : Math.min(FIELDS_BYTES, share - bytes), { open: !said, more })}`;
}

/** Shows what is not text: on a line where it is short, else behind one that names its fields; open where nothing else is there. */
function fieldsView(
  payload: TranscriptEvent['payload'],
  keys: readonly string[],
  maxBytes: number,
  { open, more }: { readonly open: boolean; readonly more: (what: string) => Markup },
): Markup {
  const { text, whole, leftOut } = jsonText(payload, maxBytes, keys);
  const rest = !whole && more(leftOut > 0 ? `${count(leftOut)} more values` : 'more');
  if (!text.includes('\n')) return markup`<div class="more"><code>${text}</code>${rest}</div>`;
  const names = excerptOf(keys.slice(0, NAMES_BYTES).join(', '), NAMES_BYTES);
  const summary = markup`<summary>${names.text}${(names.leftOut > 0 || keys.length > NAMES_BYTES) && ' …'}</summary>
      <pre>${text}</pre>
      ${rest}`;
  return open
    ? markup`<details class="more" open>${summary}</details>`
    : markup`<details class="more">${summary}</details>`;
}

/** What says that not all is shown, and leads to where it is. */
function moreView(what: string, sequence: number | undefined): Markup {
  return sequence === undefined
    ? markup`<p class="soft">… ${what} in the JSON</p>`
    : markup`<p class="soft">… <a href="${aloneLink(sequence)}">${what}</a></p>`;
}

function count(number: number): string {
  return number.toLocaleString('en');
}

/** The line between two days. */
export function dayView(time: Date): Markup {
  return markup`<li class="day">
    <span><time datetime="${time.toISOString().slice(0, 10)}">${dayOf(time)}</time> · UTC</span>
  </li>`;
}

/** The line where a session ended. */
export function endView({ status, endedAt }: TranscriptResponse): Markup {
  const at = endedAt?.toISOString() ?? '';
  return markup`<li class="end">
    <span
      >${status === 'failed' ? 'Failed' : 'Completed'} at
      <time datetime="${at}">${at.slice(11, 19)}</time></span
    >
  </li>`;
}
