import { createReadStream } from 'node:fs';
import { convert, type ConvertOptions, type FormatName } from '../../clients/typescript/src/formats/index.js';
import { type Recording, type Session, type SessionEvent } from '../../clients/typescript/src/index.js';
import { parseUnaltered } from '../common/validation/altered-numbers.js';
import { findJsonFault } from '../common/validation/json-fault.js';
import { CommandError } from './command.js';

/** A session or a part of one, with where it and each of its events stand in a file. */
export interface Part extends Recording {
  readonly place: string;
  readonly places: readonly string[];
  /** The ids of events whose content was taken away. */
  readonly redacted: readonly string[];
  /** What of it was left out, and why. */
  readonly faults: readonly string[];
}

/** A session in the order in which it was lived: late events come after the part with the end. */
export type Parts = readonly Part[];

/** How deep a service may be set to take values, by `MAX_JSON_DEPTH`; the one that is imported into says how deep it does. */
const MAX_LEVELS = 90;

/** Is told how many bytes of a file were read. */
type Progress = (bytes: number) => void;

/**
 * Reads the exports in a file, each a session, its events by their sequence, and a line that counts them. What else their
 * fields must be like, the service says.
 *
 * @throws CommandError that names the file and the line.
 */
export async function* exportsIn(file: string, progress: Progress): AsyncGenerator<Parts> {
  let lines: ExportLine[] = [];
  for await (const { text, place } of linesOf(file, progress)) {
    const line = { place, record: Object(parse(text, place)) as Fields };
    const fault = faultOf(line.record, 'metadata') ?? faultOf(line.record, 'payload');
    check(fault === undefined, line, String(fault));
    lines.push(line);
    if (!('end' in line.record)) continue;
    yield partsOf(lines);
    lines = [];
  }
  const last = lines.at(-1);
  if (last) check(false, last, 'is the last line, but not an end: the export was cut. Export it again.');
}

type Fields = Readonly<Record<string, unknown>>;

interface ExportLine {
  readonly place: string;
  readonly record: Fields;
}

const SESSION_FIELDS = ['sessionId', 'language', 'startedAt', 'status'];

/** Checks an export, and makes a session of it. */
function partsOf(lines: readonly ExportLine[]): Parts {
  const [first, end] = [lines[0] as ExportLine, lines.at(-1) as ExportLine];
  const isSession = SESSION_FIELDS.every((name) => typeof first.record[name] === 'string');
  check(isSession, first, `should be a session, with ${SESSION_FIELDS.join(', ')}`);
  const { sessionId, language, startedAt, metadata, ...session } = first.record as unknown as Session;
  const events = lines.slice(1, -1);
  for (const [index, line] of events.entries()) {
    const { sequence, sessionId: owner, eventId } = line.record;
    const isNext = sequence === index + 1 && owner === sessionId && typeof eventId === 'string';
    check(isNext, line, `should be event ${index + 1} of session "${sessionId}"`);
  }
  const isWhole = end.record['events'] === events.length && Number(session.finalSequence) <= events.length;
  check(isWhole, end, `does not count ${events.length} events`);

  const began = { sessionId, language, startedAt, metadata };
  const { place } = first;
  const { status, endedAt, finalSequence } = session;
  if (finalSequence === null)
    return [{ place, session: { ...began, status: status as 'active' }, ...eventsOf(events) }];
  const ended = { status: status as 'completed', endedAt: endedAt ?? '' };
  return [
    { place, session: began, ...eventsOf(events.slice(0, finalSequence)), end: ended },
    { place, session: began, ...eventsOf(events.slice(finalSequence)) },
  ].filter((part, index) => index === 0 || part.events.length > 0);
}

function eventsOf(lines: readonly ExportLine[]): Pick<Part, 'events' | 'places' | 'redacted' | 'faults'> {
  const records = lines.map(({ record }) => record as unknown as SessionEvent);
  return {
    events: records.map((event) => {
      const { eventId, type, payload, timestamp, replaces } = event;
      return { eventId, type, payload, timestamp, ...(replaces && { replaces }) };
    }),
    places: lines.map(({ place }) => place),
    redacted: records.filter(({ redactedAt }) => redactedAt).map(({ eventId }) => eventId),
    faults: [],
  };
}

/**
 * Converts the conversations in a provider's file: JSON, or one JSON value a line.
 *
 * @throws FormatError and CommandError that name the place in it.
 */
export async function* conversationsIn(
  file: string,
  progress: Progress,
  format: FormatName,
  options: ConvertOptions,
): AsyncGenerator<Parts> {
  const lines: Line[] = [];
  for await (const line of linesOf(file, progress)) lines.push(line);
  const hasOneEach = lines.length > 1 && lines.every(({ text }) => /^\{.*\}\s*$/.test(text));
  const values = hasOneEach
    ? lines.map(({ text, place }) => parse(text, place))
    : parse(lines.map(({ text }) => text).join('\n'), file);
  for (const recording of convert(format, values, options)) {
    const faults = recording.faults.map(({ place, problem }) => `${file}: ${place} ${problem}`);
    const events = recording.events.filter((event) => {
      const fault = faultOf({ ...event }, 'payload');
      if (fault !== undefined) faults.push(`${file}: event ${event.eventId}: ${fault}`);
      return fault === undefined;
    });
    if (!options.lenient && faults.length > 0) throw new CommandError(faults.join('\n'));
    const places = events.map(({ eventId }) => `${file}: event ${eventId}`);
    yield [{ ...recording, events, place: file, places, redacted: [], faults }];
  }
}

/** Why an object can't be stored as it is; undefined if it can, or if there is none. */
function faultOf(record: Fields, name: string): string | undefined {
  const value = record[name];
  if (typeof value !== 'object' || value === null) return undefined;
  const fault = findJsonFault(value, `/${name}`, MAX_LEVELS);
  return fault && `${fault.pointer} ${fault.reason}`;
}

/** @throws CommandError where it is not JSON. */
function parse(text: string, place: string): unknown {
  try {
    return parseUnaltered(text);
  } catch (error) {
    throw new CommandError(`${place}: is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function check(isRight: boolean, { place }: { readonly place: string }, reason: string): asserts isRight {
  if (!isRight) throw new CommandError(`${place}: ${reason}`);
}

interface Line {
  readonly text: string;
  /** The file and the number of the line. */
  readonly place: string;
}

/** The lines of a file that are not empty. @throws TypeError where it is not UTF-8. */
async function* linesOf(file: string, progress: Progress): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true }); // which passes over a byte order mark
  let number = 0;
  let begun = '';
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const lines = (begun + decoder.decode(chunk, { stream: true })).split('\n');
    begun = lines.pop() ?? '';
    for (const text of lines) {
      const place = `${file}, line ${++number}`;
      if (text.trim() !== '') yield { text, place };
    }
    progress(chunk.length);
  }
  begun += decoder.decode();
  if (begun.trim() !== '') yield { text: begun, place: `${file}, line ${number + 1}` };
}
