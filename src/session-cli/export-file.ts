import { hasLongNumber, findNumberFault } from '../common/validation/number-fault.js';
import { CommandError } from '../command-line/program.js';
import { type Line, linesOf } from './lines.js';

/** A session as an export shows it. */
export interface ExportedSession {
  readonly sessionId: string;
  readonly status: string;
  readonly language: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly finalSequence: number | null;
  readonly metadata: object;
}

/** An event as an export shows it; of its time of arrival a new store has its own idea. */
export interface ExportedEvent {
  readonly eventId: string;
  readonly sessionId: string;
  readonly sequence: number;
  readonly type: string;
  readonly payload: object;
  readonly timestamp: string;
}

/** A line of an export, with where it stands. The end follows the last event of a session. */
export type ExportRecord =
  | { readonly kind: 'session'; readonly place: string; readonly session: ExportedSession }
  | {
      readonly kind: 'event';
      readonly place: string;
      readonly bytes: number;
      readonly event: ExportedEvent;
    }
  | { readonly kind: 'end'; readonly place: string };

/**
 * Reads the exports in a file, one after the other, line by line, and holds each to be one: a session, its events in
 * their sequence, and an end that counts them. What an event or a session must be like, the service will say.
 *
 * @throws CommandError that names the file and the line.
 */
export async function* readExports(file: string): AsyncGenerator<ExportRecord> {
  let session: ExportedSession | undefined;
  let events = 0;
  let last = file;
  for await (const line of linesOf(file)) {
    const value = parse(line);
    last = line.place;
    if (!session) {
      session = sessionIn(value, line);
      events = 0;
      yield { kind: 'session', place: line.place, session };
    } else if (value['end'] === true) {
      if (value['events'] !== events) {
        throw wrong(line, `counts ${String(value['events'])} events, but ${events} stand before it`);
      }
      session = undefined;
      yield { kind: 'end', place: line.place };
    } else {
      const event = eventIn(value, line, session.sessionId, ++events);
      yield { kind: 'event', place: line.place, bytes: line.bytes.length, event };
    }
  }
  if (session) {
    throw new CommandError(
      `${last} is the last one, and not the end of session "${session.sessionId}": the export was cut. Export it again.`,
    );
  }
}

type Fields = Readonly<Record<string, unknown>>;

function parse(line: Line): Fields {
  const text = line.bytes.toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(line, `is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(line, 'is not a JSON object');
  }
  const fault = hasLongNumber(line.bytes) ? findNumberFault(text) : undefined;
  if (fault) throw wrong(line, `${fault.pointer} ${fault.reason}`); // reading it would have altered it in silence
  return value as Fields;
}

function sessionIn(value: Fields, line: Line): ExportedSession {
  for (const name of ['sessionId', 'status', 'language', 'startedAt']) {
    if (typeof value[name] !== 'string') throw wrong(line, `should be a session, but has no ${name}`);
  }
  const { endedAt, finalSequence } = value;
  const hasEnded = typeof endedAt === 'string' && Number.isSafeInteger(finalSequence);
  if (!hasEnded && (endedAt !== null || finalSequence !== null)) {
    throw wrong(line, 'should be a session, whose endedAt and finalSequence are both there or both null');
  }
  return value as unknown as ExportedSession;
}

function eventIn(value: Fields, line: Line, sessionId: string, sequence: number): ExportedEvent {
  if (typeof value['eventId'] !== 'string')
    throw wrong(line, 'is neither an event nor the end of its session');
  if (value['sessionId'] !== sessionId) throw wrong(line, `is not an event of session "${sessionId}"`);
  if (value['sequence'] !== sequence) {
    throw wrong(line, `has the sequence ${String(value['sequence'])}, where ${sequence} should follow`);
  }
  return value as unknown as ExportedEvent;
}

function wrong({ place }: Line, reason: string): CommandError {
  return new CommandError(`${place}: ${reason}.`);
}
