import { EventEmitter, once } from 'node:events';
import { type SessionApi } from './api.js';
import { type ImportReport } from './import-report.js';
import { SessionImport } from './session-import.js';
import { type ImportStep } from './steps.js';

/** Sessions that are written at once, each by one request at a time: the service takes a tenth less processor time than with 16. */
const SESSIONS_AT_ONCE = 32;

/** What lines of events may take that were read and are not written yet; but a single request may always be. */
const BYTES_AT_ONCE = 8 * 1024 * 1024;

/** A session some of whose steps are still to be done. */
interface SessionUnderWay {
  readonly session: SessionImport;
  /** Whether the rest of its steps is passed over. */
  failed: boolean;
  /** When the steps that were taken are done; it never rejects. */
  done: Promise<void>;
}

/**
 * Writes several sessions at once, each in its order, and reads no further ahead than there is room for. A session that
 * comes twice is written a second time when the first is done.
 */
export class Importer {
  private readonly underWay = new Map<string, SessionUnderWay>();
  private readonly steps = new EventEmitter<{ done: [] }>();
  private sessions = 0;
  private bytes = 0;
  private failure: { readonly session: number; readonly error: unknown } | undefined;

  constructor(
    private readonly api: SessionApi,
    private readonly report: ImportReport,
  ) {}

  /**
   * Stops at the first error: sessions that were read up to their end are still written, and no other is begun.
   *
   * @throws CommandError the error that is first in the files, where there are several.
   */
  async run(steps: AsyncIterable<ImportStep>): Promise<void> {
    try {
      let current: SessionUnderWay | undefined;
      for await (const step of steps) {
        while (!this.failure && !this.hasRoomFor(step)) await once(this.steps, 'done');
        if (this.failure) break;
        if (step.kind === 'create') current = this.open(step);
        if (current) this.add(current, step);
      }
    } finally {
      await Promise.all([...this.underWay.values()].map(({ done }) => done));
    }
    if (this.failure) throw this.failure.error;
  }

  private hasRoomFor(step: ImportStep): boolean {
    switch (step.kind) {
      case 'create':
        return this.underWay.size < SESSIONS_AT_ONCE && !this.underWay.has(step.session.sessionId);
      case 'append':
        return this.bytes === 0 || this.bytes + step.bytes <= BYTES_AT_ONCE;
      default:
        return true;
    }
  }

  private open({ session, place }: ImportStep & { kind: 'create' }): SessionUnderWay {
    const number = this.sessions++;
    const opened = {
      session: new SessionImport(number, session, place, this.api, this.report),
      failed: false,
      done: Promise.resolve(),
    };
    this.underWay.set(session.sessionId, opened);
    return opened;
  }

  /** Has a step done when those before it are. */
  private add(underWay: SessionUnderWay, step: ImportStep): void {
    if (step.kind === 'append') this.bytes += step.bytes;
    underWay.done = underWay.done.then(() => this.do(underWay, step));
  }

  private async do(underWay: SessionUnderWay, step: ImportStep): Promise<void> {
    const { session } = underWay;
    try {
      if (!underWay.failed) await session.do(step);
    } catch (error) {
      underWay.failed = true;
      if (!this.failure || session.number < this.failure.session)
        this.failure = { session: session.number, error };
    }
    if (step.kind === 'append') this.bytes -= step.bytes;
    if (step.kind === 'end') this.underWay.delete(session.sessionId);
    this.steps.emit('done');
  }
}
