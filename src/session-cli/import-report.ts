import { format } from '../command-line/progress.js';

/** Differences that are told one by one. */
const NAMED_DIFFERENCES = 20;

/** What an import has come to so far. */
export class ImportReport {
  readonly sessions = { created: 0, there: 0 };
  readonly events = { created: 0, there: 0 };
  private readonly named: { readonly session: number; readonly text: string }[] = [];
  private noted = 0;

  /** @param progress is told how many more events are done. */
  constructor(readonly progress: (events: number) => void) {}

  /**
   * Notes what is at the service already and differs from the files.
   *
   * @param session which of the sessions in the files: differences are told in this order, whenever they are found.
   */
  note(session: number, text: string): void {
    this.noted++;
    const place = this.named.findLastIndex((other) => other.session <= session) + 1;
    this.named.splice(place, 0, { session, text });
    this.named.splice(NAMED_DIFFERENCES);
  }

  get summary(): string {
    const { sessions, events } = this;
    return [
      `sessions: ${format(sessions.created)} created, ${format(sessions.there)} were there`,
      `events: ${format(events.created)} stored, ${format(events.there)} were there`,
    ].join('\n');
  }

  /** A line for each of the first differences, and one for those that follow. */
  get differences(): string[] {
    const more = this.noted - this.named.length;
    return [...this.named.map(({ text }) => text), ...(more > 0 ? [`${format(more)} more like these`] : [])];
  }
}
