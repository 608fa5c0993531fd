import { markup, type Markup } from '../../../pages/markup.js';
import { type TranscriptEvent } from '../../event/dto/transcript-event.dto.js';
import { type TranscriptResponse } from '../dto/transcript-response.dto.js';
import { jsonView } from './json.view.js';
import { clockOf, dayOf, offsetIn } from './times.js';

const SPEAKERS: Readonly<Record<TranscriptEvent['type'], string>> = {
  user_speech: 'User',
  bot_speech: 'Bot',
  system: 'System',
};

/** One event: who, when, and what. By convention `payload.text` is what was said; the rest is shown as JSON. */
export function eventView(event: TranscriptEvent, session: TranscriptResponse): Markup {
  const { sequence, type, late, timestamp, receivedAt, eventId } = event;
  const { text, ...rest } = event.payload;
  const said = typeof text === 'string' ? text : undefined;
  const offset = offsetIn(session.startedAt, timestamp);
  const title = `${timestamp.toISOString()}, stored ${receivedAt.toISOString()}, event ${eventId}`;
  return markup`<li class="event ${type}${late && ' late'}" id="event-${sequence}">
    <div class="who">
      <b>${SPEAKERS[type]}</b>
      ${offset !== undefined && markup`<span>${offset}</span>`}
      <a href="#event-${sequence}" title="${title}"
        ><time datetime="${timestamp.toISOString()}">${clockOf(timestamp)}</time></a
      >
      ${late && markup`<span class="badge" title="Stored after the end">late</span>`}
    </div>
    <div class="say">
      ${said !== undefined && markup`<p dir="auto" lang="${session.language}">${said}</p>`}
      ${jsonView(said === undefined ? event.payload : rest)}
    </div>
  </li>`;
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
