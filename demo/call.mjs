// The call of the tour: call.ndjson, an export of the service, which `npm run import -- demo/call.ndjson` takes too.
import { readFileSync } from 'node:fs';
import { cut, dim, line, pad, paint, WIDTH } from './terminal.mjs';

const [session, ...rest] = readFileSync(new URL('call.ndjson', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((text) => JSON.parse(text));

const SPEAKERS = {
  user_speech: paint('cyan', 'caller'),
  bot_speech: paint('magenta', 'bot'),
  agent_speech: paint('green', 'agent'),
};

/** The call as if it had just ended: `{ session, endedAt, events, late, cardId }`; `late` came after the end. */
export function recordedCall() {
  const shift = Math.floor((Date.now() - Date.parse(session.endedAt)) / 1000) * 1000;
  const moved = (time) => new Date(Date.parse(time) + shift).toISOString();
  const { sessionId, language, startedAt, endedAt, finalSequence, metadata } = session;
  const events = rest
    .slice(0, -1)
    .map(({ sessionId: _session, sequence: _sequence, timestamp, ...event }) => ({
      ...event,
      timestamp: moved(timestamp),
    }));
  return {
    session: { sessionId, language, startedAt: moved(startedAt), metadata },
    endedAt: moved(endedAt),
    events: events.slice(0, finalSequence),
    late: events[finalSequence],
    cardId: events.find(({ payload }) => /\d{4} \d{4}/.test(payload.text)).eventId,
  };
}

/** Prints a stored event in one row: its sequence, its time in the call, the speaker and the text. */
export function printEvent(event, { startedAt }) {
  const { sequence, timestamp, type, payload, replaces, late, redactedAt } = event;
  const seconds = (Date.parse(timestamp) - Date.parse(startedAt)) / 1000;
  const time = `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
  const mark = [replaces && `replaces ${replaces}`, late && 'late', redactedAt && 'redacted'].find(Boolean);
  const speaker = SPEAKERS[type] ?? dim(type);
  const head = `${String(sequence).padStart(3)}  ${dim(time)}  ${pad(speaker, 12)}`;
  const text = cut(textOf(type, payload), WIDTH - 27 - (mark ? mark.length + 1 : 0));
  line(`${head}${SPEAKERS[type] ? text : dim(text)}${mark ? ` ${paint('yellow', mark)}` : ''}`);
}

function textOf(type, payload) {
  if (payload.text !== undefined) return payload.text;
  if (type === 'tool_call') return `${payload.name} ${JSON.stringify(payload.arguments)}`;
  if (type === 'tool_result') return JSON.stringify(payload.output);
  return Object.values(payload).filter((value) => typeof value === 'string').join(', '); // oxfmt-ignore
}
