// The events of a conversation as rows of its page.

import { currentTurns, lineOf, REDACTED, saidIn, toolsOf } from './event-text.js';
import { h, pathOf, span, timeView } from './page.js';

const SPEAKERS = { user_speech: 'User', bot_speech: 'Bot', agent_speech: 'Agent' };
const SILENCE_MS = 5000;
/** How long it takes to say something where nobody told: people say some 15 characters a second. */
const MS_A_CHARACTER = 65;

/** The rows by what they show: one that shows the same stays the same element, with all that was opened in it. */
let made = new Map();

/**
 * The rows of some events, in the order of the clock. It counts from the earliest moment.
 *
 * @param isWhole whether these are all events, so that the place of the end is known.
 */
export function rowsOf(events, session, isWhole) {
  const turns = withResults(currentTurns(events));
  const times = turns.map(({ event }) => Date.parse(event.timestamp));
  const start = Math.min(Date.parse(session.startedAt), times[0] ?? Infinity);
  const end = isWhole && session.endedAt ? turns.findLastIndex(({ event }) => !event.late) + 1 : -1;
  const [rows, before] = [[], made];
  made = new Map();
  const add = (key, make) => {
    made.set(key, before.get(key) ?? make());
    rows.push(made.get(key));
  };
  const addEnd = () => {
    const end = [
      session.status === 'failed' ? 'Failed at ' : 'Completed at ',
      timeView(session.endedAt, 'clock'),
    ];
    add('end', () => h('li', { class: 'rule' }, h('span', null, end)));
  };
  let [quietSince, day] = [Infinity, ''];
  turns.forEach((turn, index) => {
    const [quiet, lastDay] = [times[index] - quietSince, day];
    day = new Date(times[index]).toDateString();
    if (index === end) addEnd();
    if (day !== lastDay) add(day, () => h('li', { class: 'rule' }, timeView(turn.event.timestamp, 'day')));
    else if (quiet > SILENCE_MS)
      add(`${times[index]} ${quiet}`, () => h('li', { class: 'line' }, `Silence ${span(quiet)}`));
    const shown = [turn.event, ...turn.replaced, ...turn.results].map(({ sequence }) => sequence);
    add(`${start} ${shown}`, () => turnRow(turn, times[index] - start, session));
    quietSince = Math.max(index === 0 ? 0 : quietSince, times[index] + durationOf(turn.event));
  });
  if (end === turns.length) addEnd();
  return rows;
}

/** How long an event lasted: as it tells, else as long as it takes to say it. */
function durationOf({ payload }) {
  const told = payload.durationMs ?? payload.endTime - payload.time;
  return told >= 0 ? told : (saidIn(payload)?.text.length ?? 0) * MS_A_CHARACTER;
}

/** Puts each result under its call: by the call's id, else the last open one of the tool, else the last open one. */
function withResults(turns) {
  const open = [];
  return turns.flatMap(({ event, replaced }) => {
    const turn = { event, replaced, results: [] };
    const tools = toolsOf(event);
    if (event.type === 'tool_call') open.push(...tools.map((call) => ({ ...call, turn })));
    if (event.type !== 'tool_result' || event.late) return turn;
    const [{ id, name }] = tools;
    const index = open.findLastIndex((call) =>
      id && call.id ? call.id === id : !name || call.name === name,
    );
    if (index < 0) return turn;
    open.splice(index, 1)[0].turn.results.push(event);
    return [];
  });
}

function turnRow({ event, replaced, results }, offset, session) {
  const { sequence, type, late, timestamp } = event;
  const speaker = SPEAKERS[type];
  const who = [
    speaker && h('b', null, speaker),
    h('a', { href: `#${sequence}`, title: `Link to turn ${sequence}` }, span(offset)),
    speaker && timeView(timestamp, 'clock'),
    late && h('span', { class: 'badge late', title: 'Stored after the end' }, 'late'),
    detailsOf([event, ...results], session),
  ];
  const earlier = replaced.map((each) => h('p', { id: each.sequence, dir: 'auto' }, lineOf(each)));
  const attributes = { id: sequence, class: `turn ${speaker ? 'speech' : 'line'} ${type}`, tabindex: -1 };
  return h(
    'li',
    attributes,
    h('div', { class: 'who bar' }, who),
    h('div', { class: 'say' }, sayView(event, results, session)),
    earlier.length > 0 &&
      h('details', { class: 'soft' }, h('summary', null, `Replaces ${earlier.length} earlier`), earlier),
  );
}

function sayView(event, results, { language }) {
  const { type, redactedAt } = event;
  if (redactedAt) return h('em', null, 'Redacted');
  const shown = type === 'tool_result' ? [event] : results;
  const line = type === 'tool_result' ? 'Result' : lineOf(event);
  if (shown.length > 0) return h('details', null, h('summary', null, line), shown.map(resultView));
  // The language may also be `auto` or `multi`, which mean nothing to a browser.
  const lang = /^[a-z]{2,3}([-_]|$)/i.test(language) ? language.replaceAll('_', '-') : undefined;
  return h(
    'p',
    { dir: 'auto', lang: SPEAKERS[type] && lang },
    type === 'dtmf' && 'Keypad ',
    line || '(nothing)',
  );
}

function resultView(event) {
  const texts = toolsOf(event).map(({ value = lineOf(event) }) =>
    typeof value === 'string' ? value : JSON.stringify(value, null, 2),
  );
  const text = event.redactedAt ? REDACTED : texts.join('\n');
  return h('pre', { id: event.sequence, dir: 'auto', tabindex: 0 }, text);
}

/** What else events have, made when it is opened: their other fields, ids and times, and where their JSON is. */
function detailsOf(events, session) {
  const fill = ({ target }) => {
    if (target.children.length > 1) return;
    for (const { payload, ...event } of events) {
      const others = Object.entries(payload).filter(([key]) => key !== saidIn(payload)?.field);
      const path = `${pathOf(session.sessionId)}/events/${encodeURIComponent(event.eventId)}`;
      target.append(
        h('pre', { tabindex: 0 }, JSON.stringify({ ...event, payload: Object.fromEntries(others) }, null, 2)),
        h('a', { href: path }, 'JSON'),
      );
    }
  };
  const summary = h('summary', { 'aria-label': `Details of turn ${events[0].sequence}` }, '⋯');
  return h('details', { class: 'more', toggle: fill }, summary);
}
