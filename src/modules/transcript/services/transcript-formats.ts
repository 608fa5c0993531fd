import { createHash } from 'node:crypto';
import { lineOf, REDACTED, textOf } from '../../../common/event-text.js';
import { type Event } from '../../event/services/event-reader.js';
import { about } from '../../../config/about.js';
import { SessionResponse } from '../../session/dto/session.dto.js';
import { type Session } from '../../session/services/session.service.js';
import { type Turn } from './turn-reader.js';

/** The formats of a transcript, and their media types; the first is the default. */
export const TRANSCRIPT_TYPES = {
  text: 'text/plain; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
  srt: 'application/x-subrip; charset=utf-8',
  vcon: 'application/vcon',
} as const;
export type TranscriptFormat = keyof typeof TRANSCRIPT_TYPES;
export const TRANSCRIPT_FORMATS = Object.keys(TRANSCRIPT_TYPES) as TranscriptFormat[];

type Turns = AsyncIterable<Turn>;
type Texts = AsyncGenerator<string>;

const SPEAKERS: Readonly<Record<Event['type'], string>> = {
  user_speech: 'User',
  bot_speech: 'Bot',
  agent_speech: 'Agent',
  tool_call: 'Tool call',
  tool_result: 'Tool result',
  dtmf: 'Keys',
  system: 'System',
};

/** A line for each turn: `[1:05] User: Hello`. Further lines of a text are indented. */
export async function* asText({ sessionId, language, startedAt }: Session, turns: Turns): Texts {
  yield `${sessionId} · ${language} · ${startedAt.toISOString()}\n\n`;
  for await (const { event, ms } of timed(startedAt, turns)) {
    const text = linesIn(lineOf(event)).join('\n  ');
    yield `[${clockOf(ms)}] ${SPEAKERS[event.type]}${text === '' ? '' : `: ${text}`}\n`;
  }
}

/** WebVTT: https://www.w3.org/TR/webvtt1/. */
export async function* asVtt(session: Session, turns: Turns): Texts {
  yield 'WEBVTT\n\n';
  for await (const { event, text, from, to } of cues(session, turns)) {
    const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    yield `${stamp(from, '.')} --> ${stamp(to, '.')}\n<v ${SPEAKERS[event.type]}>${escaped}\n\n`;
  }
}

/** SubRip, which has no specification; by what players take. */
export async function* asSrt(session: Session, turns: Turns): Texts {
  let number = 0;
  for await (const { event, text, from, to } of cues(session, turns)) {
    const said = `${SPEAKERS[event.type]}: ${text.replaceAll('-->', '->')}`;
    yield `${++number}\n${stamp(from, ',')} --> ${stamp(to, ',')}\n${said}\n\n`;
  }
}

/** The parties of a vCon, by the index that its dialogs name; the last one is this service, which attaches the log. */
const PARTIES = [
  { name: 'User', role: 'customer' },
  { name: 'Bot', role: 'bot' },
  { name: 'Agent', role: 'agent' },
  { name: about.name },
];
const PARTY: Readonly<Partial<Record<Event['type'], number>>> = {
  user_speech: 0,
  bot_speech: 1,
  agent_speech: 2,
};

/**
 * A vCon of the IETF (draft-ietf-vcon-vcon-core): what was said as dialogs, and the session and its log as attachments,
 * from which `npm run import -- --from vcon` makes the same session.
 *
 * @param log the events as clients see them, in the order of the log.
 */
export async function* asVcon(session: Session, turns: Turns, log: AsyncIterable<readonly object[]>): Texts {
  const head = {
    vcon: '0.4.0',
    uuid: uuidFor(session.sessionId),
    created_at: session.startedAt,
    subject: session.sessionId,
    parties: PARTIES,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"dialog":[`;
  let separator = '';
  for await (const { event, at } of turns) {
    const text = saidIn(event);
    const party = PARTY[event.type];
    if (text === undefined || party === undefined) continue;
    const dialog = {
      type: 'text',
      start: at,
      parties: [party],
      originator: party,
      mediatype: 'text/plain',
      body: text,
      encoding: 'none',
    };
    yield separator + JSON.stringify(dialog);
    separator = ',';
  }
  const attached = {
    start: session.startedAt,
    party: PARTIES.length - 1,
    dialog: 0,
    mediatype: 'application/json',
    encoding: 'json',
  };
  const about = { purpose: 'conversation-session', ...attached, body: new SessionResponse(session) };
  const events = { purpose: 'conversation-session-events', ...attached };
  yield `],"analysis":[],"attachments":[${JSON.stringify(about)},${JSON.stringify(events).slice(0, -1)},"body":[`;
  separator = '';
  for await (const some of log) {
    yield separator + some.map((event) => JSON.stringify(event)).join(',');
    separator = ',';
  }
  yield ']}]}\n';
}

interface Cue {
  readonly event: Event;
  readonly text: string;
  /** In milliseconds from the start of the conversation. */
  readonly from: number;
  readonly to: number;
}

/** How long a cue stays when nothing follows: the time to read it, within bounds. */
const MS_PER_CHARACTER = 60;
const SHORTEST_MS = 1000;
const LONGEST_MS = 7000;
/** How long it stays at least when the next one follows at once. */
const LEAST_MS = 100;

/** What was said, each until the next turn begins or it can be read. They follow each other and do not overlap. */
async function* cues({ startedAt }: Session, turns: Turns): AsyncGenerator<Cue> {
  let waiting: Cue | undefined;
  for await (const { event, ms } of timed(startedAt, turns)) {
    const text = PARTY[event.type] === undefined ? undefined : saidIn(event);
    if (text === undefined) continue;
    const from = waiting ? Math.max(ms, waiting.from + LEAST_MS) : ms;
    if (waiting) yield { ...waiting, to: Math.min(waiting.to, from) };
    const reading = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, text.length * MS_PER_CHARACTER));
    waiting = { event, text: linesIn(text).join('\n'), from, to: from + reading };
  }
  if (waiting) yield waiting;
}

/** Turns with their milliseconds from the start: the session's, or the first turn if that was earlier. */
async function* timed(startedAt: Date, turns: Turns): AsyncGenerator<Turn & { readonly ms: number }> {
  let start = startedAt.getTime();
  for await (const turn of turns) {
    start = Math.min(start, turn.at.getTime());
    yield { ...turn, ms: turn.at.getTime() - start };
  }
}

function saidIn(event: Event): string | undefined {
  return event.redactedAt ? REDACTED : textOf(event);
}

/** The lines of a text that are not empty, as an empty one would end a cue. */
function linesIn(text: string): string[] {
  return text.split(/[\r\n\u0085\u2028\u2029]+/).filter((line) => line.trim() !== '');
}

/** `1:05`, or `1:02:05` from an hour on. */
function clockOf(ms: number): string {
  const [hours = '', minutes = '', seconds = ''] = stamp(ms, '.').slice(0, -4).split(':');
  return Number(hours) > 0 ? `${Number(hours)}:${minutes}:${seconds}` : `${Number(minutes)}:${seconds}`;
}

/** `01:02:05.250`; hours have more digits where they need to. */
function stamp(ms: number, point: string): string {
  const pad = (value: number, length: number) => String(Math.floor(value)).padStart(length, '0');
  const parts = [pad(ms / 3_600_000, 2), pad((ms / 60_000) % 60, 2), pad((ms / 1000) % 60, 2)];
  return `${parts.join(':')}${point}${pad(ms % 1000, 3)}`;
}

/** A UUID of version 8 (RFC 9562) that is always the same for a session; its id, if that is a UUID. */
function uuidFor(sessionId: string): string {
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(sessionId)) return sessionId.toLowerCase();
  const hex = createHash('sha256').update(sessionId).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}
