// What counts as the text of an event: one rule for the pages (which load this file as it is), transcripts and vCon.
// Payloads are what a provider sent. Plain JavaScript, so that a browser and the service can both import it.

/**
 * @typedef {Readonly<Record<string, unknown>>} Payload
 *
 * @typedef {object} EventLike
 * @property {string} type
 * @property {Payload} payload
 * @property {string | Date | null} [redactedAt]
 *
 * @typedef {object} Tool a call of a tool, or its result
 * @property {string | undefined} id the call's, which its result repeats
 * @property {string | undefined} name
 * @property {unknown} value arguments or output; parsed if they came as JSON in a string
 */

/** What stands for a text that was taken away for good. */
export const REDACTED = '[redacted]';

/** The most characters of a value in a line. */
const MAX_VALUE = 80;
/** The most fields of a system event in its line. */
const MAX_FIELDS = 4;

/**
 * The fields that may hold what was said, the first that does counts.
 *
 * @type {readonly (readonly [field: string, read: (value: unknown) => string | undefined])[]}
 */
const TEXT_FIELDS = [
  ['text', partsOf],
  ['message', partsOf], // Vapi, ElevenLabs
  ['transcript', partsOf], // OpenAI Realtime
  ['content', partsOf], // Retell; LiveKit, as a list
  ['Transcript', (value) => partsOf(fieldOf(value, 'Content'))], // Amazon Connect Contact Lens
  ['SpeechResult', partsOf], // Twilio <Gather>
  ['TranscriptionData', (value) => partsOf(fieldOf(parsed(value), 'transcript'))], // Twilio real-time transcription
  ['body', partsOf], // vCon
  ['item', (value) => partsOf(fieldOf(value, 'content'))], // OpenAI Realtime, an item of the conversation
  ['delta', partsOf], // OpenAI Realtime, a part of a transcript under way
];

/**
 * What was said, or undefined where the payload has no such text.
 *
 * @param {Pick<EventLike, 'payload'>} event
 * @returns {string | undefined}
 */
export function textOf({ payload }) {
  return saidIn(payload)?.text;
}

/**
 * What was said, and the field of the payload that has it.
 *
 * @param {Payload} payload
 * @returns {{ field: string, text: string } | undefined}
 */
export function saidIn(payload) {
  for (const [field, read] of TEXT_FIELDS) {
    const text = read(payload[field]);
    if (text !== undefined) return { field, text };
  }
  return undefined;
}

/**
 * The calls in a `tool_call`, or the results in a `tool_result`: mostly one, Vapi and ElevenLabs send lists.
 *
 * @param {EventLike} event
 * @returns {Tool[]}
 */
export function toolsOf({ type, payload }) {
  const isCall = type === 'tool_call';
  const several = isCall
    ? (payload['toolCalls'] ?? payload['tool_calls'])
    : (payload['results'] ?? payload['tool_results']);
  const list = Array.isArray(several) && several.length > 0 ? several : [payload['item'] ?? payload];
  return list.map((entry) => {
    const id = first(entry, ['toolCallId', 'tool_call_id', 'call_id', 'callId', 'request_id', 'id']);
    const called = fieldOf(entry, 'function') ?? entry; // Vapi, as OpenAI's chat completions have it
    const name = first(called, ['name', 'tool_name', 'tool']);
    const value = isCall
      ? first(called, ['arguments', 'args', 'input', 'parameters', 'params_as_json'])
      : first(entry, ['result', 'output', 'result_value', 'content', 'error']);
    return { id: string(id), name: string(name), value: parsed(value) };
  });
}

/**
 * An event in one line: what was said, `find_customer(phone: +44 …)` for a call of a tool, its output for a result, the
 * keys that were pressed, or what a system event says.
 *
 * @param {EventLike} event
 * @returns {string} empty where there is nothing to say.
 */
export function lineOf(event) {
  const { type, payload, redactedAt } = event;
  if (redactedAt) return REDACTED;
  if (type === 'tool_call') {
    const calls = toolsOf(event).filter(({ name, value }) => name !== undefined || value !== undefined);
    if (calls.length > 0) return calls.map(callLine).join(', ');
  }
  if (type === 'tool_result') {
    const outputs = toolsOf(event).flatMap(({ value }) => (value === undefined ? [] : valueLine(value)));
    if (outputs.length > 0) return outputs.join(', ');
  }
  if (type === 'dtmf') {
    const keys = first(payload, ['digits', 'digit', 'Digits', 'Digit', 'key', 'keys']);
    if (keys !== undefined) return valueLine(keys);
  }
  return textOf(event) ?? fieldsLine(payload);
}

/**
 * The turns as they are to be read: of events that replace each other only the last, at the place of the first (where
 * several replace one, the one stored last). What is replaced need not be among the events, chains are followed, and
 * each of a circle stands for itself.
 *
 * @template {{ readonly eventId: string; readonly sequence: number; readonly replaces?: string | null }} E
 * @param {readonly E[]} events in the order in which they are read
 * @returns {{ event: E; replaced: E[] }[]} with what each event replaces, oldest first
 */
export function currentTurns(events) {
  const byId = new Map(events.map((event) => [event.eventId, event]));
  /** @type {Map<E, E | undefined>} where each chain begins; undefined if it ends in a circle */
  const firsts = new Map();
  /** @param {E} event */
  const firstOf = (event) => {
    const chain = new Set();
    /** @type {E | undefined} */
    let first;
    for (let next = /** @type {E | undefined} */ (event); next; next = byId.get(next.replaces ?? '')) {
      const isKnown = firsts.has(next);
      first = isKnown ? firsts.get(next) : chain.has(next) ? undefined : next;
      if (isKnown || chain.has(next)) break;
      chain.add(next);
    }
    for (const each of chain) firsts.set(each, first);
    return first ?? event;
  };
  /** @type {Map<E, E[]>} */
  const versions = new Map(events.map((event) => [event, []]));
  for (const event of events) versions.get(firstOf(event))?.push(event);
  return [...versions.values()].flatMap((all) => {
    const replaced = new Set(all.map(({ replaces }) => replaces));
    const oldestFirst = all.toSorted((one, other) => one.sequence - other.sequence);
    const event = oldestFirst.findLast(({ eventId }) => !replaced.has(eventId)) ?? oldestFirst.at(-1);
    return event ? [{ event, replaced: oldestFirst.filter((each) => each !== event) }] : [];
  });
}

/**
 * A call of a tool in one line.
 *
 * @param {Tool} call
 * @returns {string}
 */
export function callLine({ name = 'tool', value }) {
  return `${name}(${value === undefined ? '' : valueLine(value)})`;
}

/**
 * A value of JSON in one line, long ones cut: `phone: +44 …, depth: full` for an object.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function valueLine(value) {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value)
      .map(([key, each]) => `${key}: ${cut(each)}`)
      .join(', ');
  }
  return cut(value);
}

/** @param {Payload} payload */
function fieldsLine(payload) {
  const named = ['event', 'type', 'name'].find((key) => typeof payload[key] === 'string');
  const others = Object.entries(payload).filter(
    ([key, value]) => key !== named && typeof value !== 'object' && value !== '',
  );
  return [
    ...(named === undefined ? [] : [String(payload[named]).replaceAll('_', ' ')]),
    ...others.slice(0, MAX_FIELDS).map(([key, value]) => `${key}: ${cut(value)}`),
  ].join(' · ');
}

/** @param {unknown} value a text, or a list of texts or of parts with a `text` or a `transcript` */
function partsOf(value) {
  if (!Array.isArray(value)) return string(value);
  const texts = value.flatMap((part) => string(part) ?? string(first(part, ['text', 'transcript'])) ?? []);
  return string(texts.join('\n'));
}

/** @param {unknown} value @param {string} field */
function fieldOf(value, field) {
  return typeof value === 'object' && value !== null ? /** @type {Payload} */ (value)[field] : undefined;
}

/** @param {unknown} value @param {readonly string[]} fields */
function first(value, fields) {
  for (const field of fields) {
    const found = fieldOf(value, field);
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}

/** @param {unknown} value */
function parsed(value) {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return /** @type {unknown} */ (JSON.parse(value));
  } catch {
    return value;
  }
}

/** A text that is not empty. @param {unknown} value */
function string(value) {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** @param {unknown} value */
function cut(value) {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
