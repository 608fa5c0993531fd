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
  agent_speech: 'Agent',
  tool_call: 'Tool call',
  tool_result: 'Tool result',
  dtmf: 'Keys',
  system: 'System',
};

/** The most bytes of markup per event, about 1,300 English words. An event alone on a page may show more. */
const EVENT_BYTES = 8000;
const ALONE_BYTES = 500_000;
/** How many of these are for JSON, which fills more lines than text. */
const FIELDS_BYTES = 3000;
/** The most bytes of markup for all events of a page together. */
const EVENTS_BYTES = 1_000_000;
/** The length of the line of field names behind which fields are folded. */
const NAMES_BYTES = 200;

/** The most bytes of markup for each payload, if a page has this many events. */
function bytesOfEach(events: number): number {
  return events === 1 ? ALONE_BYTES : Math.min(EVENT_BYTES, Math.floor(EVENTS_BYTES / events));
}

/** One event: who, when, and what. By convention, `payload.text` is what was said; the rest is shown as JSON. */
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

/**
 * Shows JSON: on one line if it is short, otherwise folded behind the names of its fields; open if the event shows
 * nothing else.
 */
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

/** The note that something was left out, with a link to the whole. */
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
