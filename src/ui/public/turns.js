// The events of a conversation as rows of its page.

import { currentTurns, lineOf, saidIn, toolsOf } from './event-text.js';
import { h, pathOf, span, timeView } from './page.js';

const SPEAKERS = { user_speech: 'User', bot_speech: 'Bot', agent_speech: 'Agent' };
const SILENCE_MS = 5000;
/** How long speech takes whose duration nobody told: people say some 15 characters a second. */
const MS_A_CHARACTER = 65;

/** Rows by what they show: one that shows the same stays the same element, with what a reader has opened in it. */
let made = new Map();

/**
 * The rows of some events, in the order of the clock, which counts from the earliest moment.
 *
 * @param isWhole whether these are all, so that the place of the end is known.
 */
export function rowsOf(events, session, isWhole) {
  const before = made;
  made = new Map();
  const row = (key, make) => {
    const element = before.get(key) ?? make();
    made.set(key, element);
    return element;
  };
  const turns = withResults(currentTurns(events));
  const start = Math.min(
    ...[session.startedAt, turns[0]?.event.timestamp ?? session.startedAt].map(Date.parse),
  );
  const end = isWhole && session.endedAt ? turns.findLastIndex(({ event }) => !event.late) + 1 : undefined;
  let [quietSince, day] = [Infinity, ''];
  const rows = turns.flatMap((turn, index) => {
    const { event, replaced, results } = turn;
    const at = Date.parse(event.timestamp);
    const [lastDay, quiet] = [day, at - quietSince];
    day = new Date(at).toDateString();
    quietSince = Math.max(quietSince === Infinity ? 0 : quietSince, endOf(event));
    const key = [event, ...replaced, ...results].map(({ sequence }) => sequence).join();
    return [
      ...(index === end ? [row('end', () => endRow(session))] : []),
      ...(day === lastDay
        ? []
        : [row(day, () => h('li', { class: 'day' }, timeView(event.timestamp, 'day')))]),
      ...(quiet < SILENCE_MS || day !== lastDay
        ? []
        : [row(`quiet ${key} ${quiet}`, () => h('li', { class: 'quiet' }, `Silence ${span(quiet)}`))]),
      row(`${key} ${start}`, () => turnRow(turn, at - start, session)),
    ];
  });
  return end === turns.length ? [...rows, row('end', () => endRow(session))] : rows;
}

/** Puts each result under the call that it belongs to: by its id, else by its name, else the last one without any. */
function withResults(turns) {
  const open = [];
  return turns.flatMap((turn) => {
    const { type } = turn.event;
    const shown = { ...turn, results: [] };
    if (type === 'tool_call') open.push(...toolsOf(turn.event).map(({ id, name }) => ({ id, name, shown })));
    if (type !== 'tool_result' || turn.event.late) return [shown];
    const [{ id, name }] = toolsOf(turn.event);
    const index = open.findLastIndex((call) =>
      id !== undefined && call.id !== undefined ? call.id === id : name === undefined || call.name === name,
    );
    if (index < 0) return [shown];
    open.splice(index, 1)[0].shown.results.push(turn.event);
    return [];
  });
}

/** When an event was over: by the duration it tells, else by how long it takes to say. */
function endOf({ timestamp, payload }) {
  const told = payload.durationMs ?? payload.endTime - payload.time;
  return Date.parse(timestamp) + (told > 0 ? told : (saidIn(payload)?.text.length ?? 0) * MS_A_CHARACTER);
}

function endRow({ status, endedAt }) {
  return h(
    'li',
    { class: 'end' },
    h('span', null, `${status === 'failed' ? 'Failed' : 'Completed'} at `, timeView(endedAt, 'clock')),
  );
}

function turnRow({ event, replaced, results }, offset, session) {
  const { sequence, type, late, timestamp } = event;
  const speaker = SPEAKERS[type];
  const button = h(
    'button',
    {
      class: 'dots',
      'aria-expanded': 'false',
      'aria-label': `Details of turn ${sequence}`,
      title: 'Details',
    },
    '⋯',
  );
  button.addEventListener('click', () => {
    const panel = button.closest('li').querySelector('.panel');
    if (panel) panel.remove();
    else button.closest('li').append(panelOf([event, ...results], session));
    button.setAttribute('aria-expanded', String(!panel));
  });
  return h(
    'li',
    {
      id: sequence,
      class: `turn ${speaker ? 'speech' : 'line'} ${type}${late ? ' late' : ''}`,
      tabindex: -1,
    },
    h(
      'div',
      { class: 'who' },
      speaker && h('b', null, speaker),
      h('a', { href: `#${sequence}`, title: `Link to turn ${sequence}` }, span(offset)),
      speaker && timeView(timestamp, 'clock'),
      late && h('span', { class: 'badge late', title: 'Stored after the end' }, 'late'),
      button,
    ),
    h('div', { class: 'say' }, sayView(event, results, session)),
    replaced.length > 0 &&
      h(
        'details',
        { class: 'earlier' },
        h(
          'summary',
          null,
          replaced.length === 1
            ? 'Replaces an earlier version'
            : `Replaces ${replaced.length} earlier versions`,
        ),
        replaced.map((each) => h('p', { id: each.sequence, dir: 'auto' }, lineOf(each))),
      ),
  );
}

function sayView(event, results, session) {
  const { type, redactedAt } = event;
  if (redactedAt) return h('em', { class: 'soft' }, 'Redacted');
  if (type === 'tool_call' && results.length > 0)
    return h('details', null, h('summary', null, lineOf(event)), results.map(resultView));
  if (type === 'tool_result')
    return h(
      'details',
      null,
      h(
        'summary',
        null,
        `Result${toolsOf(event)
          .map(({ name }) => name && ` of ${name}`)
          .join()}`,
      ),
      resultView(event),
    );
  if (type === 'dtmf') return h('p', null, 'Keypad ', h('kbd', null, lineOf(event)));
  return h(
    'p',
    { dir: 'auto', lang: SPEAKERS[type] && languageOf(session) },
    lineOf(event) || h('em', { class: 'soft' }, 'Nothing'),
  );
}

function resultView(event) {
  const outputs = toolsOf(event).map(({ value }) =>
    typeof value === 'object' ? JSON.stringify(value, null, 2) : `${value ?? lineOf(event)}`,
  );
  return h(
    'pre',
    { id: event.sequence, dir: 'auto', tabindex: 0 },
    event.redactedAt ? 'Redacted' : outputs.join('\n'),
  );
}

/** The session's language where it is one that a browser knows by name: it may also be `auto` or `multi`. */
function languageOf({ language }) {
  return /^[a-z]{2,3}([-_]|$)/i.test(language) ? language.replaceAll('_', '-') : undefined;
}

/** What else an event has: its other fields, its ids and times, and where its JSON is. */
function panelOf(events, session) {
  return h(
    'div',
    { class: 'panel' },
    events.map((event) => {
      const { eventId, sequence, type, timestamp, receivedAt, payload } = event;
      const said = saidIn(payload)?.field;
      const fields = { ...payload, event: eventId, type, sequence, happened: timestamp, stored: receivedAt };
      return [
        h(
          'dl',
          null,
          Object.entries(fields)
            .filter(([key]) => key !== said)
            .map(([key, value]) => [
              h('dt', null, key),
              h('dd', { dir: 'auto' }, typeof value === 'string' ? value : JSON.stringify(value, null, 1)),
            ]),
        ),
        h(
          'a',
          { href: `${pathOf(session.sessionId)}/events/${encodeURIComponent(eventId)}` },
          `JSON of event ${sequence}`,
        ),
      ];
    }),
  );
}
