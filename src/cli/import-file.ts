import { createReadStream } from 'node:fs';
import { convert, type ConvertOptions, type FormatName } from '../../clients/typescript/src/formats/index.js';
import { type NewEvent, type Recording } from '../../clients/typescript/src/index.js';
import { findJsonFault } from '../common/validation/json-fault.js';
import { parseUnaltered } from '../common/validation/altered-numbers.js';
import { limits } from '../config/config.js';
import { CommandError } from './command.js';

const { MAX_JSON_DEPTH } = limits;

const STATUSES = ['initiated', 'active', 'completed', 'failed'];

/** A longer line is held to be no event, whatever the limits. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** What of a session is held in memory at once. */
const PART_EVENTS = 1000;
const PART_BYTES = 4 * 1024 * 1024;

/** A session or a part of one, with where it and each of its events stand in a file. */
export interface Part extends Recording {
  readonly place: string;
  readonly places: readonly string[];
  /** The ids of events whose content was taken away. */
  readonly redacted: readonly string[];
}

/** A session that was found in a file, and checked. */
export interface FoundSession {
  readonly sessionId: string;
  readonly events: number;
  /** What of it was left out, and why. */
  readonly faults: readonly string[];
  /** Reads it part by part, in the order in which it was lived: late events come after the part with the end. */
  parts(): AsyncIterable<Part> | Iterable<Part>;
}

/**
 * Finds the exports in a file, each a session, its events by their sequence, and a line that counts them. What else they
 * must be like, the service says. Only where a session begins is remembered, so that a file may have any size.
 *
 * @throws CommandError that names the file and the line.
 */
export async function* findExports(file: string): AsyncGenerator<FoundSession> {
  let session: (ExportedSession & { readonly from: Line }) | undefined;
  let events = 0;
  let last = file;
  for await (const line of linesOf(file)) {
    const value = parse(line);
    check(isObject(value), line, 'is not a JSON object');
    last = line.place;
    if (!session) {
      session = { ...sessionIn(value, line), from: line };
      events = 0;
    } else if ('end' in value) {
      checkEnd(value, line, session, events);
      const { sessionId, from } = session;
      const count = events;
      yield { sessionId, events, faults: [], parts: () => partsOf(file, from, count) };
      session = undefined;
    } else checkEvent(value, line, session, ++events);
  }
  check(!session, { place: last }, 'is the last line, but not an end: the export was cut. Export it again.');
}

interface ExportedSession {
  readonly sessionId: string;
  readonly language: string;
  readonly startedAt: string;
  readonly status: string;
  readonly endedAt: string | null;
  readonly finalSequence: number | null;
  readonly metadata: Fields;
}

type ExportedEvent = Required<NewEvent> & { readonly redactedAt?: string | null };

/** Reads an export that was checked: the line of its session, and those of its events. */
async function* partsOf(file: string, from: Line, count: number): AsyncGenerator<Part> {
  let session!: ExportedSession;
  let sequence = 0;
  let [events, places, redacted, bytes]: [NewEvent[], string[], string[], number] = [[], [], [], 0];
  for await (const { text, place } of linesOf(file, from)) {
    if (sequence === 0) session = JSON.parse(text) as ExportedSession;
    else {
      const { eventId, type, payload, timestamp, replaces, redactedAt } = JSON.parse(text) as ExportedEvent;
      events.push({ eventId, type, payload, timestamp, ...(replaces && { replaces }) });
      places.push(place);
      if (redactedAt) redacted.push(eventId);
      bytes += text.length;
    }
    const isEnd = sequence === session.finalSequence;
    if (isEnd || sequence === count || events.length === PART_EVENTS || bytes > PART_BYTES) {
      yield { place: from.place, places, redacted, events, ...wholeOf(session, isEnd) };
      [events, places, redacted, bytes] = [[], [], [], 0];
    }
    if (sequence++ === count) return;
  }
}

function wholeOf(exported: ExportedSession, isEnd: boolean): Pick<Recording, 'session' | 'end'> {
  const { sessionId, language, startedAt, metadata, status, endedAt } = exported;
  const session = { sessionId, language, startedAt, metadata };
  if (status === 'active') return { session: { ...session, status } };
  return isEnd ? { session, end: { status: status as 'completed', endedAt: endedAt ?? '' } } : { session };
}

/**
 * Finds the conversations in a provider's file: JSON, or one JSON value a line.
 *
 * @throws FormatError and CommandError that name the place in it.
 */
export async function* findConversations(
  file: string,
  format: FormatName,
  options: ConvertOptions,
): AsyncGenerator<FoundSession> {
  for (const converted of convert(format, await valuesIn(file), options)) {
    const { session, end, events } = converted;
    const faults = converted.faults.map(({ place, problem }) => `${file}: ${place} ${problem}`);
    const faultless = events.filter(({ eventId, payload }) => {
      const fault = findJsonFault(payload, '/payload', MAX_JSON_DEPTH);
      if (!fault) return true;
      const told = `${file}: event ${eventId}: ${fault.pointer} ${fault.reason}`;
      if (!options.lenient) throw new CommandError(told);
      faults.push(told);
      return false;
    });
    const places = faultless.map(({ eventId }) => `${file}: event ${eventId}`);
    const part = { place: file, places, redacted: [], session, events: faultless, ...(end && { end }) };
    yield { sessionId: session.sessionId, events: faultless.length, faults, parts: () => [part] };
  }
}

/** The value in a file, or a list of those in its lines. */
async function valuesIn(file: string): Promise<unknown> {
  const lines: Line[] = [];
  for await (const line of linesOf(file)) lines.push(line);
  const hasOneEach = lines.length > 1 && lines.every(({ text }) => /^\{.*\}\s*$/.test(text));
  return hasOneEach
    ? lines.map(parse)
    : parse({ text: lines.map(({ text }) => text).join('\n'), place: file });
}

type Fields = Readonly<Record<string, unknown>>;

/** @throws CommandError where it is not JSON. */
function parse({ text, place }: Pick<Line, 'text' | 'place'>): unknown {
  try {
    return parseUnaltered(text);
  } catch (error) {
    throw new CommandError(`${place}: is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function sessionIn(value: Fields, line: Line): ExportedSession {
  for (const name of ['sessionId', 'language', 'startedAt', 'status']) {
    check(typeof value[name] === 'string', line, `should be a session, but has no ${name}`);
  }
  const session = value as unknown as ExportedSession;
  const { status, endedAt, finalSequence } = session;
  check(
    STATUSES.includes(status),
    line,
    `has the status "${status}", which is none of ${STATUSES.join(', ')}`,
  );
  const isWhole =
    status === 'completed' || status === 'failed'
      ? typeof endedAt === 'string' && Number.isSafeInteger(finalSequence)
      : endedAt === null && finalSequence === null;
  check(isWhole, line, `has the status "${status}", which endedAt or finalSequence contradict`);
  checkContent(value, 'metadata', line);
  return session;
}

function checkEvent(value: Fields, line: Line, { sessionId }: ExportedSession, sequence: number): void {
  for (const name of ['eventId', 'type', 'timestamp']) {
    check(typeof value[name] === 'string', line, `is neither an event, which has a ${name}, nor an end`);
  }
  check(value['sessionId'] === sessionId, line, `is not an event of session "${sessionId}"`);
  check(value['sequence'] === sequence, line, `has not the sequence ${sequence}, which should follow`);
  checkContent(value, 'payload', line);
}

function checkEnd(value: Fields, line: Line, { finalSequence }: ExportedSession, events: number): void {
  check(!('eventId' in value), line, 'has both an eventId and an end');
  const isRight = value['end'] === true && value['events'] === events && (finalSequence ?? 0) <= events;
  check(isRight, line, `does not count ${events} events`);
}

function checkContent(value: Fields, name: string, line: Line): void {
  const content = value[name];
  check(isObject(content), line, `has no object ${name}`);
  const fault = findJsonFault(content, `/${name}`, MAX_JSON_DEPTH);
  check(!fault, line, `${fault?.pointer} ${fault?.reason}`);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function check(isRight: boolean, { place }: { readonly place: string }, reason: string): asserts isRight {
  if (!isRight) throw new CommandError(`${place}: ${reason}`);
}

/** A line of a file: its text, its place for people, and where it begins. */
interface Line {
  readonly text: string;
  readonly place: string;
  readonly offset: number;
  readonly number: number;
}

/** The lines of a file that are not empty, from one of them on. */
async function* linesOf(file: string, from = { offset: 0, number: 1 }): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true }); // which passes over a byte order mark
  let { offset, number } = from;
  const take = (bytes: Uint8Array): Line => {
    const place = `${file}, line ${number}`;
    try {
      const line = { text: decoder.decode(bytes), place, offset, number };
      offset += bytes.length + 1;
      number++;
      return line;
    } catch {
      throw new CommandError(`${place}: is not UTF-8`);
    }
  };
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { start: offset })) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = take(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      if (line.text.trim() !== '') yield line;
    }
    check(rest.length < MAX_LINE_BYTES, { place: `${file}, line ${number}` }, 'is too long for an event');
  }
  const line = take(rest);
  if (line.text.trim() !== '') yield line;
}
