import { sameJson } from '../http/json.js';
import { CommandError } from '../command-line/program.js';
import { pathOf, RefusedError, type SessionApi } from './api.js';
import { type ExportedEvent, type ExportedSession, type ExportRecord } from './export-file.js';

/** What one request carries at most; the service takes 4 MiB unless it is set to less. */
const BATCH_EVENTS = 100;
const BATCH_BYTES = 3 * 1024 * 1024;

const CREATED = 201;
const GONE = 410;
const TOO_LARGE = 413;

type ReadEvent = Extract<ExportRecord, { kind: 'event' }>;
type StoredSession = ExportedSession & { readonly endedAt: string | null };

interface BatchBody {
  readonly results: readonly {
    readonly status: number;
    readonly mismatch: boolean;
    readonly event: { readonly sequence: number };
  }[];
}

/** What an import has come to. */
export interface ImportCounts {
  readonly sessions: { created: number; there: number };
  readonly events: { created: number; there: number };
}

/** The session whose lines are read. */
interface Current {
  readonly session: ExportedSession;
  readonly place: string;
  /** Whether its lines are passed over. */
  skipped: boolean;
  ended: boolean;
  moved: boolean;
}

/**
 * Writes exported sessions to a service, in the order in which they were lived: creation, events, end, late events.
 * Every write can be repeated, so an import that broke off is run again and goes on. What is there already stays as it is;
 * where it differs from the file, that is noted.
 */
export class Importer {
  readonly counts: ImportCounts = {
    sessions: { created: 0, there: 0 },
    events: { created: 0, there: 0 },
  };
  private current: Current | undefined;
  private batch: ReadEvent[] = [];
  private bytes = 0;

  /**
   * @param note is told of what is there already and differs.
   * @param progress is told how many events are done.
   */
  constructor(
    private readonly api: SessionApi,
    private readonly note: (difference: string) => void,
    private readonly progress: (events: number) => void,
  ) {}

  /** Takes the next line of a file. @throws CommandError */
  async take(record: ExportRecord): Promise<void> {
    switch (record.kind) {
      case 'session':
        this.current = await this.create(record.session, record.place);
        return;
      case 'event':
        await this.takeEvent(record);
        return;
      case 'end':
        await this.flush();
        await this.complete();
    }
  }

  private async create(session: ExportedSession, place: string): Promise<Current> {
    const { sessionId, language, startedAt, metadata, status } = session;
    const current = { session, place, skipped: false, ended: false, moved: false };
    const created = status === 'active' ? { status } : {}; // which it may have become by its first event as well
    try {
      const body = { sessionId, language, startedAt, metadata, ...created };
      const answer = await this.api.send<StoredSession>('POST', 'sessions', body);
      const isNew = answer.status === CREATED;
      this.counts.sessions[isNew ? 'created' : 'there']++;
      if (!isNew) current.skipped = this.isAnother(answer.body, current);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (error.status !== GONE) throw new CommandError(`${place}: ${error.message}`);
      this.note(`${place}: session "${sessionId}" was deleted there, and stays so`);
      current.skipped = true;
    }
    return current;
  }

  /** Whether the session that has this id is another conversation, with which this one must not be mixed. */
  private isAnother(stored: StoredSession, { session, place }: Current): boolean {
    const name = `${place}: session "${session.sessionId}"`;
    if (stored.language !== session.language || stored.startedAt !== session.startedAt) {
      this.note(
        `${name} is there already as another one, of ${stored.startedAt}; nothing of it was imported`,
      );
      return true;
    }
    if (!sameJson(stored.metadata, session.metadata)) {
      this.note(`${name} is there already with other metadata, which stay`);
    }
    return false;
  }

  private async takeEvent(event: ReadEvent): Promise<void> {
    const { session } = this.current ?? {};
    if (!session || this.current?.skipped) {
      this.progress(1);
      return;
    }
    const isLate = session.finalSequence !== null && event.event.sequence > session.finalSequence;
    if (isLate && !this.current?.ended) {
      await this.flush();
      await this.complete();
    }
    if (this.batch.length === BATCH_EVENTS || this.bytes + event.bytes > BATCH_BYTES) await this.flush();
    this.batch.push(event);
    this.bytes += event.bytes;
  }

  private async flush(): Promise<void> {
    const { batch } = this;
    this.batch = [];
    this.bytes = 0;
    if (batch.length > 0) await this.append(batch);
  }

  private async append(batch: readonly ReadEvent[]): Promise<void> {
    const sessionId = this.current?.session.sessionId ?? '';
    const events = batch.map(({ event }) => bodyOf(event));
    try {
      const { body } = await this.api.send<BatchBody>('POST', `${pathOf(sessionId)}/events/batch`, {
        events,
      });
      this.compare(batch, body);
      this.progress(batch.length);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (error.status !== TOO_LARGE || batch.length === 1) throw whereItIs(error, batch);
      const half = Math.ceil(batch.length / 2); // the service is set to take less
      await this.append(batch.slice(0, half));
      await this.append(batch.slice(half));
    }
  }

  private compare(batch: readonly ReadEvent[], { results }: BatchBody): void {
    for (const [index, { event, place }] of batch.entries()) {
      const result = results[index];
      if (!result) throw new CommandError(`${place}: ${this.api.name} said nothing of this event.`);
      this.counts.events[result.status === CREATED ? 'created' : 'there']++;
      if (result.mismatch) {
        this.note(`${place}: event "${event.eventId}" is there already with other content, which stays`);
      } else if (result.event.sequence !== event.sequence && this.current && !this.current.moved) {
        this.current.moved = true; // so are those that follow
        this.note(
          `${place}: event ${event.sequence} is number ${result.event.sequence} there, behind others`,
        );
      }
    }
  }

  /** Ends the session, if the exported one had ended and this was not done. */
  private async complete(): Promise<void> {
    const { current } = this;
    if (!current || current.skipped || current.ended || current.session.endedAt === null) return;
    current.ended = true;
    const { sessionId, status, endedAt, finalSequence } = current.session;
    try {
      const path = `${pathOf(sessionId)}/complete`;
      const { body } = await this.api.send<StoredSession>('POST', path, { status, endedAt });
      const isSame =
        body.status === status && body.endedAt === endedAt && body.finalSequence === finalSequence;
      if (!isSame) {
        const end = `${body.status}, ${String(body.endedAt)}, after event ${String(body.finalSequence)}`;
        this.note(`${current.place}: session "${sessionId}" has ended otherwise there: ${end}`);
      }
    } catch (error) {
      throw error instanceof RefusedError ? new CommandError(`${current.place}: ${error.message}`) : error;
    }
  }
}

function bodyOf({ eventId, type, payload, timestamp }: ExportedEvent): object {
  return { eventId, type, payload, timestamp };
}

/** A refusal in the terms of the file: the service names a place in the request. */
function whereItIs(error: RefusedError, batch: readonly ReadEvent[]): CommandError {
  const lines = error.details.flatMap(({ field, message }) => {
    const place = batch[Number(/^events\[(\d+)\]/.exec(field)?.[1])]?.place;
    return place === undefined ? [] : [`${place}: ${message.replace(/^events\[\d+\]: /, '')}`];
  });
  return new CommandError(lines.length > 0 ? lines.join('\n') : `${batch[0]?.place ?? ''}: ${error.message}`);
}
