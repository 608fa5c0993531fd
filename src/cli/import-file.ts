import { createReadStream } from 'node:fs';
import { type NewEvent, type Recording } from '../../clients/typescript/src/index.js';
import { findJsonFault } from '../common/validation/json-fault.js';
import { findNumberFault, hasLongNumber } from '../common/validation/number-fault.js';
import { loadConfig } from '../config/load-config.js';
import { CommandError } from './command.js';

const { jsonDepth } = loadConfig(process.env).limits;

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
}

/** A session that was found in a file, and checked. */
export interface FoundSession {
  readonly sessionId: string;
  events: number;
  /** Reads it part by part, in the order in which it was lived: late events come after the part with the end. */
  parts(): AsyncIterable<Part>;
}

/**
 * Finds the exports in a file, each a session, its events by their sequence, and a line that counts them. What else they
 * must be like, the service says. Only where a session begins is remembered, so that a file may have any size.
 *
 * @throws CommandError that names the file and the line.
 */
export async function* findExports(file: string): AsyncGenerator<FoundSession> {
  let found: FoundSession | undefined;
  for await (const { kind, value, line } of readExports(file)) {
    if (kind === 'session') {
      found = { sessionId: value.sessionId, events: 0, parts: () => partsOf(file, line) };
    } else if (kind === 'event' && found) found.events++;
    else if (found) yield found;
  }
}

/** Reads the session that begins at a line. */
async function* partsOf(file: string, from: Line): AsyncGenerator<Part> {
  let session!: ExportedSession;
  let [events, places, bytes]: [NewEvent[], string[], number] = [[], [], 0];
  let isOver = false;
  const part = (isEnd: boolean): Part => {
    const { sessionId, language, startedAt, metadata, status, endedAt } = session;
    return {
      place: from.place,
      places,
      session: { sessionId, language, startedAt, metadata, ...(status === 'active' && { status }) },
      events,
      ...(isEnd && endedAt !== null && { end: { status: status as 'completed', endedAt } }),
    };
  };
  for await (const { kind, value, line } of readExports(file, from)) {
    if (kind === 'end') break;
    if (kind === 'session') {
      session = value;
      continue;
    }
    const isFirstLate = value.sequence - 1 === session.finalSequence;
    if (isFirstLate || events.length === PART_EVENTS || bytes > PART_BYTES) {
      yield part(isFirstLate);
      isOver ||= isFirstLate;
      [events, places, bytes] = [[], [], 0];
    }
    const { eventId, type, payload, timestamp, replaces } = value;
    events.push({ eventId, type, payload, timestamp, ...(replaces && { replaces }) });
    places.push(line.place);
    bytes += line.text.length;
  }
  yield part(!isOver);
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

type ExportedEvent = Required<NewEvent> & { readonly sequence: number };

type Exported = { readonly line: Line } & (
  | { readonly kind: 'session'; readonly value: ExportedSession }
  | { readonly kind: 'event'; readonly value: ExportedEvent }
  | { readonly kind: 'end'; readonly value: Fields }
);

/** Reads the exports in a file, beginning at one of them. */
async function* readExports(file: string, from?: Line): AsyncGenerator<Exported> {
  let session: ExportedSession | undefined;
  let events = 0;
  let last = file;
  for await (const line of linesOf(file, from)) {
    const value = parse(line);
    last = line.place;
    if (!session) {
      session = sessionIn(value, line);
      events = 0;
      yield { kind: 'session', value: session, line };
    } else if ('end' in value) {
      check(!('eventId' in value), line, 'has both an eventId and an end');
      check(value['end'] === true && value['events'] === events, line, `does not count ${events} events`);
      session = undefined;
      yield { kind: 'end', value, line };
    } else {
      yield { kind: 'event', value: eventIn(value, line, session, ++events), line };
    }
  }
  check(!session, { place: last }, 'is the last line, but not an end: the export was cut. Export it again.');
}

type Fields = Readonly<Record<string, unknown>>;

function parse(line: Line): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch (error) {
    throw new CommandError(`${line.place}: is not JSON: ${(error as Error).message}`, { cause: error });
  }
  check(isObject(value), line, 'is not a JSON object');
  const fault = hasLongNumber(Buffer.from(line.text)) ? findNumberFault(line.text) : undefined;
  check(!fault, line, `${fault?.pointer} ${fault?.reason}`); // which reading it has altered
  return value;
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

function eventIn(value: Fields, line: Line, { sessionId }: ExportedSession, sequence: number): ExportedEvent {
  for (const name of ['eventId', 'type', 'timestamp']) {
    check(typeof value[name] === 'string', line, `is neither an event, which has a ${name}, nor an end`);
  }
  check(value['sessionId'] === sessionId, line, `is not an event of session "${sessionId}"`);
  check(value['sequence'] === sequence, line, `has not the sequence ${sequence}, which should follow`);
  checkContent(value, 'payload', line);
  return value as unknown as ExportedEvent;
}

function checkContent(value: Fields, name: string, line: Line): void {
  const content = value[name];
  check(isObject(content), line, `has no object ${name}`);
  const fault = findJsonFault(content, `/${name}`, jsonDepth);
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
      const line = { text: decoder.decode(bytes).trim(), place, offset, number };
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
      if (line.text !== '') yield line;
    }
    check(rest.length < MAX_LINE_BYTES, { place: `${file}, line ${number}` }, 'is too long for an event');
  }
  const line = take(rest);
  if (line.text !== '') yield line;
}
