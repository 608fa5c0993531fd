import { placeId } from '../record.js';
import { type EndStatus, type EventType, type NewEvent, type Recording, type Time } from '../types.js';
import * as read from './read.js';

/** What may be told of a conversation beside what its provider says. */
export interface ConvertOptions {
  /** The session's id, instead of the provider's; needed where there is none. */
  readonly sessionId?: string | undefined;
  /** Where the provider does not say; `und`, unknown, by default. */
  readonly language?: string | undefined;
  /** When it began, where the provider does not say. */
  readonly startedAt?: Time | undefined;
  /** How it ended, where the provider does not say; without it the session stays open then. */
  readonly ended?: EndStatus | undefined;
  /** Leaves out what can't be converted, and returns it as faults, instead of throwing on the first. */
  readonly lenient?: boolean | undefined;
}

export interface Converted extends Recording {
  /** What was left out; empty unless `lenient`. */
  readonly faults: readonly read.Fault[];
}

/** An event to be. */
export interface Turn {
  /** The provider's id of it, if it has one. */
  readonly id?: unknown;
  readonly type: EventType;
  /** The provider's item, whole. */
  readonly payload: read.Fields;
  /** What was said, where the payload does not have it in a place in which the service looks for it. */
  readonly text?: unknown;
  readonly time?: string | undefined;
  readonly replaces?: unknown;
}

/** Builds a recording out of a provider's items, in their order. */
export class Conversation {
  readonly startedAt: string | undefined;
  private readonly events: (NewEvent & { readonly timestamp?: string })[] = [];
  private readonly ids = new Set<string>();
  private readonly faults: read.Fault[] = [];

  /** @param startedAt what the provider says of when it began, and the place of that. */
  constructor(
    private readonly options: ConvertOptions,
    startedAt?: unknown,
    place = 'startedAt',
  ) {
    this.startedAt = this.try(() => read.time(startedAt ?? options.startedAt, place));
  }

  /** The time some seconds after the start, if both are known. @throws FormatError */
  after(seconds: unknown, place: string): string | undefined {
    if (seconds === undefined || seconds === null) return undefined;
    if (typeof seconds !== 'number') throw new read.FormatError(place, 'is not a number');
    return (
      this.startedAt && read.time(new Date(Date.parse(this.startedAt) + Math.round(seconds * 1000)), place)
    );
  }

  /** Does something that a fault ends; under `lenient`, the fault is kept. */
  try<T>(convert: () => T): T | undefined {
    try {
      return convert();
    } catch (error) {
      if (!(error instanceof read.FormatError) || !this.options.lenient) throw error;
      this.faults.push({ place: error.place, problem: error.problem });
      return undefined;
    }
  }

  /** Converts the objects of a list, which may be missing, into events: each into all of its own or, by a fault, none. */
  each(
    items: unknown,
    place: string,
    convert: (item: read.Fields, place: string) => Turn | readonly Turn[],
  ): void {
    for (const [index, item] of (this.try(() => read.list(items, place)) ?? []).entries()) {
      const itemPlace = `${place}[${index}]`;
      const turns = this.try(() => [convert(read.object(item, itemPlace), itemPlace)].flat()) ?? [];
      for (const [part, turn] of turns.entries()) {
        this.add(turn, part === 0 ? placeId(index + 1) : `${placeId(index + 1)}-${part + 1}`);
      }
    }
  }

  /**
   * The recording.
   *
   * @param idPlace where the provider's id of the session is expected.
   * @throws FormatError where there is none.
   */
  finish(
    idPlace: string,
    whole: {
      readonly sessionId?: unknown;
      readonly language?: unknown;
      /** Undefined if it goes on, or is not known to have ended. */
      readonly status?: EndStatus | undefined;
      /** The time of the last event by default. */
      readonly endedAt?: string | undefined;
      readonly metadata: read.Fields;
    },
  ): Converted {
    const sessionId = this.options.sessionId ?? whole.sessionId;
    if (!isId(sessionId)) throw new read.FormatError(idPlace, 'has no id for the session: give one');
    const times = this.events.flatMap(({ timestamp }) => timestamp ?? []).sort();
    const startedAt = this.startedAt ?? times[0];
    const start = startedAt !== undefined && { startedAt };
    const language = (whole.language as string | undefined) || this.options.language || 'und';
    const status = whole.status ?? this.options.ended;
    const endedAt = whole.endedAt ?? [startedAt ?? '', ...times].sort().at(-1);
    return {
      session: { sessionId, language, ...start, metadata: whole.metadata },
      // What came before the first that has a time, was at the start.
      events: this.events.map((event) => ({ ...(start && { timestamp: start.startedAt }), ...event })),
      ...(status && { end: { status, ...(endedAt && { endedAt }) } }),
      faults: this.faults,
    };
  }

  /**
   * Adds an event. One without a time happened when the one before did, so that the order stands.
   *
   * @param placeId its id where the provider has none, or the same for another one.
   */
  private add({ id, type, payload, text, time, replaces }: Turn, placeId: string): void {
    const eventId = isId(id) && !this.ids.has(id) ? id : placeId;
    this.ids.add(eventId);
    const timestamp = time ?? this.events.at(-1)?.timestamp;
    this.events.push({
      eventId,
      type,
      payload: typeof text === 'string' ? { text, ...payload } : payload,
      ...(timestamp !== undefined && { timestamp }),
      ...(isId(replaces) && { replaces }),
    });
  }
}

/** Whether the service takes it as an id. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]{1,512}$/.test(value) && value !== '.' && value !== '..';
}
