import { sameJson } from '../common/http/json.js';
import { CommandError } from '../command-line/program.js';
import { pathOf, RefusedError, type SessionApi } from './api.js';
import { type ExportedEvent, type ExportedSession } from './export-file.js';
import { type ImportReport } from './import-report.js';
import { type ImportStep, type ReadEvent } from './steps.js';

const CREATED = 201;
const GONE = 410;
const TOO_LARGE = 413;

type StoredSession = ExportedSession & { readonly endedAt: string | null };

interface BatchBody {
  readonly results: readonly {
    readonly status: number;
    readonly mismatch: boolean;
    readonly event: { readonly sequence: number };
  }[];
}

/**
 * Writes one exported session to a service, one request after the other. Each can be repeated, so an import that broke off
 * is run again and goes on. What is there already stays as it is; where it differs from the file, that is noted.
 */
export class SessionImport {
  /** Whether its events are passed over. */
  private skipped = false;
  private moved = false;

  /**
   * @param number which of the sessions in the files it is.
   * @param place where it stands.
   */
  constructor(
    readonly number: number,
    private readonly session: ExportedSession,
    private readonly place: string,
    private readonly api: SessionApi,
    private readonly report: ImportReport,
  ) {}

  get sessionId(): string {
    return this.session.sessionId;
  }

  /** Does the next of its steps. @throws CommandError */
  async do(step: ImportStep): Promise<void> {
    switch (step.kind) {
      case 'create':
        return this.create();
      case 'append':
        return this.append(step.events);
      case 'complete':
        return this.complete();
      case 'end':
    }
  }

  private async create(): Promise<void> {
    const { sessionId, language, startedAt, metadata, status } = this.session;
    const created = status === 'active' ? { status } : {}; // which it may have become by its first event as well
    try {
      const body = { sessionId, language, startedAt, metadata, ...created };
      const response = await this.api.send<StoredSession>('POST', 'sessions', body);
      const isNew = response.status === CREATED;
      this.report.sessions[isNew ? 'created' : 'there']++;
      if (!isNew) this.skipped = this.isAnother(response.body);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (error.status !== GONE) throw new CommandError(`${this.place}: ${error.message}`);
      this.note(`${this.place}: session "${sessionId}" was deleted there, and stays so`);
      this.skipped = true;
    }
  }

  /** Whether the session that has this id is another conversation, with which this one must not be mixed. */
  private isAnother(stored: StoredSession): boolean {
    const { sessionId, language, startedAt, metadata } = this.session;
    const name = `${this.place}: session "${sessionId}"`;
    if (stored.language !== language || stored.startedAt !== startedAt) {
      this.note(
        `${name} is there already as another one, of ${stored.startedAt}; nothing of it was imported`,
      );
      return true;
    }
    if (!sameJson(stored.metadata, metadata)) {
      this.note(`${name} is there already with other metadata, which stay`);
    }
    return false;
  }

  private async append(events: readonly ReadEvent[]): Promise<void> {
    if (!this.skipped) await this.send(events);
    this.report.progress(events.length);
  }

  private async send(events: readonly ReadEvent[]): Promise<void> {
    try {
      const path = `${pathOf(this.session.sessionId)}/events/batch`;
      const body = { events: events.map(({ event }) => bodyOf(event)) };
      this.compare(events, (await this.api.send<BatchBody>('POST', path, body)).body);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (error.status !== TOO_LARGE || events.length === 1) throw whereItIs(error, events);
      const half = Math.ceil(events.length / 2); // the service is set to take less
      await this.send(events.slice(0, half));
      await this.send(events.slice(half));
    }
  }

  private compare(events: readonly ReadEvent[], { results }: BatchBody): void {
    for (const [index, { event, place }] of events.entries()) {
      const result = results[index];
      if (!result) throw new CommandError(`${place}: ${this.api.name} said nothing of this event.`);
      this.report.events[result.status === CREATED ? 'created' : 'there']++;
      if (result.mismatch) {
        this.note(`${place}: event "${event.eventId}" is there already with other content, which stays`);
      } else if (result.event.sequence !== event.sequence && !this.moved) {
        this.moved = true; // so are those that follow
        this.note(
          `${place}: event ${event.sequence} is number ${result.event.sequence} there, behind others`,
        );
      }
    }
  }

  private async complete(): Promise<void> {
    if (this.skipped) return;
    const { sessionId, status, endedAt, finalSequence } = this.session;
    try {
      const path = `${pathOf(sessionId)}/complete`;
      const { body } = await this.api.send<StoredSession>('POST', path, { status, endedAt });
      const isSame =
        body.status === status && body.endedAt === endedAt && body.finalSequence === finalSequence;
      if (!isSame) {
        const end = `${body.status}, ${String(body.endedAt)}, after event ${String(body.finalSequence)}`;
        this.note(`${this.place}: session "${sessionId}" has ended otherwise there: ${end}`);
      }
    } catch (error) {
      throw error instanceof RefusedError ? new CommandError(`${this.place}: ${error.message}`) : error;
    }
  }

  private note(difference: string): void {
    this.report.note(this.number, difference);
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
