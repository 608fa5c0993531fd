import { type Request } from 'express';
import { markup, type Markup } from '../../../pages/markup.js';
import { type Page } from '../../../pages/page.js';
import { type TranscriptResponse } from '../dto/transcript.dto.js';
import { dayView, endView, eventView } from './event.view.js';
import { FOLLOW_JS } from './follow-script.js';
import { headView } from './head.view.js';
import { isAtEnd, linksOf, type PageLinks } from './page-links.js';
import { dayOf } from '../../../pages/times.js';
import { TRANSCRIPT_CSS } from './transcript.css.js';

/** A session as an HTML page, with the same content as its JSON. */
export function transcriptPage(transcript: TranscriptResponse, request: Request): Page {
  const query = new URLSearchParams(request.query as Record<string, string>);
  const links = linksOf(query, transcript.pagination, transcript.events.length);
  const isLive = transcript.endedAt === null && isAtEnd(query, transcript.pagination);
  return {
    title: `${transcript.sessionId} · conversation`,
    css: TRANSCRIPT_CSS,
    ...(isLive && { script: FOLLOW_JS }),
    body: markup`<main>
      ${headView(transcript)} ${eventsView(transcript, query)}
      ${isLive && liveView(transcript)} ${navView(transcript, links)}
      <footer>
        <a href="${links.reversed}">${query.get('order') === 'desc' ? 'Oldest first' : 'Newest first'}</a>
        ${links.all !== undefined && markup` · Filtered: <a href="${links.all}">show all</a>`}
        <p>As JSON: <code>curl '${addressOf(request)}'</code></p>
      </footer>
    </main>`,
  };
}

function eventsView(transcript: TranscriptResponse, query: URLSearchParams): Markup {
  const { events, endedAt, pagination } = transcript;
  if (events.length === 0) {
    const isNew = pagination.total === 0 && endedAt === null;
    return markup`<p class="empty">${isNew ? 'Nothing has happened yet.' : 'No events here.'}</p>`;
  }
  const end = query.get('order') === 'desc' ? -1 : placeOfEnd(transcript);
  const times = events.map(({ timestamp }) => new Date(timestamp));
  const rows = events.flatMap((event, index) => {
    const [before, time] = [times[index - 1], times[index] as Date];
    const sameDay = before && dayOf(before) === dayOf(time);
    return [index === end && endView(transcript), !sameDay && dayView(time), eventView(event, transcript)];
  });
  return markup`<ol>
    ${rows} ${end === events.length && endView(transcript)}
  </ol>`;
}

/** The status of the script. It starts after all events so far, since the log has no gaps. */
function liveView({ pagination: { total = 0 } }: TranscriptResponse): Markup {
  return markup`<p class="live" id="live" role="status" data-last="${total}" hidden></p>`;
}

/**
 * The row of a page in ascending order before which the end is drawn: the first of only late events, or after the last
 * row of all; -1 if the end is not on this page.
 */
function placeOfEnd({ events, endedAt, pagination }: TranscriptResponse): number {
  if (!endedAt) return -1;
  const place = events.findLastIndex(({ late }) => !late) + 1;
  const onPage = place < events.length ? place > 0 : !pagination.hasMore;
  return onPage ? place : -1;
}

function navView(
  { pagination: { page, totalPages } }: TranscriptResponse,
  links: PageLinks,
): Markup | undefined {
  const { first, previous, next } = links;
  if (!(first ?? previous ?? next)) return undefined;
  return markup`<nav aria-label="Pages">
    ${previous !== undefined && markup`<a href="${previous}" rel="prev">← Previous page</a>`}
    ${first !== undefined && markup`<a href="${first}">← First page</a>`}
    ${page !== undefined && markup`<span class="soft">Page ${page} of ${totalPages}</span>`}
    ${next !== undefined && markup`<a href="${next}" rel="next">Next page →</a>`}
  </nav>`;
}

/** The address of this page's content, safe between single quotes in a shell. */
function addressOf(request: Request): string {
  const host = request.get('host') ?? 'localhost';
  return `${request.protocol}://${host}${request.originalUrl}`.replaceAll("'", '%27');
}
