import { statSync } from 'node:fs';
import {
  type ConvertOptions,
  FORMAT_NAMES,
  type FormatName,
} from '../../clients/typescript/src/formats/index.js';
import { type ConversationClient, ServiceError } from '../../clients/typescript/src/index.js';
import * as cli from './command.js';
import { conversationsIn, exportsIn, type Part, type Parts } from './import-file.js';

/** Writes sessions to a service. What is there already stays as it is; where it differs from a file, that is noted. */
class Importer {
  private readonly sessions = { created: 0, there: 0 };
  private readonly events = { stored: 0, there: 0 };
  private readonly differences: string[] = [];
  private readonly leftOut: string[] = [];

  /** @param lenient whether what the service refuses is left out, instead of ending the import. */
  constructor(
    private readonly client: ConversationClient,
    private readonly lenient: boolean,
  ) {}

  /** Each request can be repeated, so an import that broke off is run again and goes on. */
  async write(parts: Parts): Promise<void> {
    const [first] = parts;
    if (!first || !(await this.create(first))) return;
    for (const part of parts) await this.record(part);
  }

  /** @returns whether events may be added: not to another conversation that has this id. */
  private async create({ session, place, faults }: Part): Promise<boolean> {
    this.leftOut.push(...faults);
    const name = `${place}: session "${session.sessionId}"`;
    try {
      const written = await this.client.createSession(session, { onMismatch: 'return' });
      const { session: stored, replayed, mismatch } = written;
      this.sessions[replayed ? 'there' : 'created']++;
      if (!mismatch) return true;
      const isSame =
        stored.language === session.language && stored.startedAt === (session.startedAt ?? stored.startedAt);
      const what = isSame ? 'with other metadata, which stay' : 'as another one; nothing of it was imported';
      this.differences.push(`${name} is there already ${what}`);
      return isSame;
    } catch (error) {
      const status = error instanceof ServiceError ? error.status : undefined;
      if (status === 410) this.differences.push(`${name} was deleted there, and stays so`);
      else if (status === 400 && this.lenient) this.leftOut.push(`${name}: ${(error as Error).message}`);
      else throw placed(error, place);
      return false;
    }
  }

  private async record(part: Part): Promise<void> {
    try {
      const recorded = await this.client.record(part, { onMismatch: 'return' });
      this.events.stored += recorded.stored;
      this.events.there += recorded.replayed;
      const redacted = new Set(part.redacted);
      for (const { eventId, redactedAt } of recorded.mismatches) {
        if (redacted.delete(eventId) && redactedAt) continue; // of both the content was taken away
        const place = part.places[part.events.findIndex((event) => event.eventId === eventId)] ?? part.place;
        this.differences.push(
          `${place}: event "${eventId}" is there already with other content, which stays`,
        );
      }
      for (const eventId of redacted) await this.client.redactEvent(part.session.sessionId, eventId);
      const { status, endedAt } = recorded.session;
      if (part.end && (part.end.status !== status || (part.end.endedAt ?? endedAt) !== endedAt)) {
        const name = `${part.place}: session "${part.session.sessionId}"`;
        this.differences.push(`${name} has ended otherwise there: ${status}, ${String(endedAt)}`);
      }
    } catch (error) {
      const refused = refusedOf(part, error);
      if (refused.size === 0) throw placed(error, part.place);
      if (!this.lenient) throw new cli.CommandError([...refused.values()].join('\n'), { cause: error });
      this.leftOut.push(...refused.values());
      const isTaken = (_: unknown, index: number) => !refused.has(index);
      await this.record({
        ...part,
        events: part.events.filter(isTaken),
        places: part.places.filter(isTaken),
      });
    }
  }

  /** @throws CommandError where there are differences: what is in the files is then not what is at the service. */
  report(): void {
    const { sessions, events, differences, leftOut } = this;
    console.log(`sessions: ${cli.count(sessions.created)} created, ${cli.count(sessions.there)} were there`);
    console.log(`events: ${cli.count(events.stored)} stored, ${cli.count(events.there)} were there`);
    for (const fault of leftOut) console.error(`Left out: ${fault}`);
    if (differences.length === 0) return;
    console.log(`mismatches: ${cli.count(differences.length)}`);
    throw new cli.CommandError([...differences, 'What was there already was left as it is.'].join('\n'));
  }
}

/** The events of a part that a response refuses: by their index, in the terms of a file. */
function refusedOf({ places }: Part, error: unknown): ReadonlyMap<number, string> {
  const refused = new Map<number, string>();
  for (const { field, message } of (error instanceof ServiceError && error.details) || []) {
    const index = Number(/^events\[(\d+)\]/.exec(field)?.[1]);
    const place = places[index];
    if (place !== undefined) refused.set(index, `${place}: ${message.replace(/^events\[\d+\][.:]? ?/, '')}`);
  }
  return refused;
}

/** A refusal of something whole in the terms of a file. */
function placed(error: unknown, place: string): unknown {
  if (!(error instanceof ServiceError)) return error;
  const { status, code = '', message } = error;
  return new cli.CommandError(`${place}: ${status} ${code} ${message}`, { cause: error });
}

/** Reads all files, one after the other. @throws CommandError */
async function* sessionsIn(
  files: readonly string[],
  format: FormatName | undefined,
  options: ConvertOptions,
  label: string,
) {
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  const progress = cli.showProgress(label, bytes);
  for (const file of files) {
    try {
      yield* format ? conversationsIn(file, progress, format, options) : exportsIn(file, progress);
    } catch (error) {
      if (error instanceof cli.CommandError) throw error;
      throw new cli.CommandError(`${file}: ${(error as Error).message}`, { cause: error });
    }
  }
}

await cli.runCommand({
  usage: `Usage: npm run import -- [--from PROVIDER [--session ID] [--started-at TIME] [--lenient]] [--url ADDRESS] FILE…

Writes conversations to a service: exports of it (npm run export, GET /sessions/:sessionId/export), or what a provider sent or
keeps, as JSON or one JSON object a line. Files are read once before anything is sent; a fault is named by its place. It can
be run again at any time: it goes on where it was stopped, and nothing is doubled.
  --from        ${FORMAT_NAMES.join(', ')}
  --session     the id of the session, where the provider has none
  --started-at  when it began, where the provider does not say
  --lenient     leaves out what is at fault, or refused by the service, and tells it
  --url         the service (http://localhost:3000)`,
  options: {
    from: { type: 'string' },
    session: { type: 'string' },
    'started-at': { type: 'string' },
    lenient: { type: 'boolean', default: false },
    url: cli.URL_OPTION,
  },
  files: true,
  async run({ from, session: sessionId, 'started-at': startedAt, lenient, url }, files) {
    if (files.length === 0) throw new cli.UsageError('There is no file to import.');
    if (from === undefined && (lenient || (sessionId ?? startedAt) !== undefined)) {
      throw new cli.UsageError(
        'An export is taken as it is: --session, --started-at and --lenient need --from.',
      );
    }
    const format = FORMAT_NAMES.find((name) => name === from);
    if (from !== format) throw new cli.UsageError(`--from must be one of ${FORMAT_NAMES.join(', ')}.`);
    const read = (label: string) => sessionsIn(files, format, { sessionId, startedAt, lenient }, label);
    for await (const _ of read('Checking bytes')); // all of it, before anything is sent
    const importer = new Importer(await cli.connect(url), lenient);
    const sessions = read('Importing bytes');
    try {
      await cli.inParallel(sessions, (parts) => importer.write(parts));
    } catch (error) {
      const again = 'When that is mended, run the same command again: it goes on where it stopped.';
      throw new cli.CommandError(`${(error as Error).message}\n${again}`, { cause: error });
    }
    importer.report();
  },
});
