import { markup, type Markup } from '../../../pages/markup.js';
import { type TranscriptResponse } from '../dto/transcript.dto.js';
import { excerptOf } from './excerpt.js';
import { jsonText } from './json-text.js';
import { clockOf, dateOf, span } from '../../../pages/times.js';

/** The most bytes of markup for metadata. */
const METADATA_BYTES = 50_000;
/** How far events may lie outside the session before its start and end are assumed to come from another clock. */
const SKEW_MS = 60_000;

/** The head of a session: its id, status and metadata. */
export function headView(transcript: TranscriptResponse): Markup {
  const { sessionId, status, language, startedAt, metadata, pagination } = transcript;
  const facts: readonly (readonly [string, string | number | undefined])[] = [
    ['Started', `${dateOf(startedAt)}, ${clockOf(startedAt)} UTC`],
    ['Took', tookOf(transcript)],
    ['Language', language],
    ['Events', pagination.total],
  ];
  const known = facts.filter(([, value]) => value !== undefined);
  return markup`<header>
    <p class="eyebrow"><a href="/sessions">Conversations</a></p>
    <div class="head">
      <h1><bdi>${sessionId}</bdi></h1>
      <span class="badge ${status}">${status}</span>
    </div>
    <dl class="facts">
      ${known.map(
        ([name, value]) =>
          markup`<div>
            <dt>${name}</dt>
            <dd id="${name.toLowerCase()}">${value}</dd>
          </div>`,
      )}
    </dl>
    ${metadataView(metadata, pagination.page === 1)}
  </header>`;
}

/**
 * The session's duration; undefined if unknown. If an old call is recorded later, the server's times for start and end
 * say nothing about the call. Then its events take longer than the session, or lie outside it.
 */
function tookOf({ startedAt, endedAt, events }: TranscriptResponse): string | undefined {
  if (!endedAt || endedAt < startedAt) return undefined;
  const [start, end] = [startedAt.getTime(), endedAt.getTime()];
  const times = events.filter(({ late }) => !late).map(({ timestamp }) => Date.parse(timestamp));
  const [first, last] = [Math.min(...times), Math.max(...times)]; // Infinity and -Infinity if there are none
  const isOfAnotherClock = last - first > end - start || first < start - SKEW_MS || last > end + SKEW_MS;
  return isOfAnotherClock ? undefined : span(startedAt, endedAt);
}

/** The metadata, folded after the first page. */
function metadataView(metadata: TranscriptResponse['metadata'], open: boolean): Markup | undefined {
  const names = Object.keys(metadata);
  if (names.length === 0) return undefined;
  const rows: Markup[] = [];
  let left = METADATA_BYTES;
  for (const name of names) {
    if (left <= 0) break;
    const row = metadataRow(name, metadata[name], left);
    rows.push(row);
    left -= Buffer.byteLength(row.source);
  }
  const list = markup`<dl class="metadata card">
    ${rows} ${rows.length < names.length && markup`<dt>…</dt><dd>${names.length - rows.length} more in the JSON</dd>`}
  </dl>`;
  return open ? list : markup`<details class="more"><summary>Metadata</summary>${list}</details>`;
}

function metadataRow(name: string, value: unknown, maxBytes: number): Markup {
  const title = excerptOf(name, maxBytes);
  const room = maxBytes - title.bytes;
  const content = typeof value === 'string' ? excerptOf(value, room) : undefined;
  const json = content ? undefined : jsonText(value, room);
  const cut = title.leftOut > 0 || (content ? content.leftOut > 0 : !json?.whole);
  return markup`<dt dir="auto">${title.text}</dt>
    <dd dir="auto">${content ? content.text : markup`<pre>${json?.text}</pre>`}${cut && ' …'}</dd>`;
}
