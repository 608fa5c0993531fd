import { type ConvertOptions, FORMAT_NAMES } from '../../clients/typescript/src/formats/index.js';
import { type ConversationClient, ServiceError } from '../../clients/typescript/src/index.js';
import { CommandError, connect, count, inParallel, runCommand, showProgress, UsageError } from './command.js';
import { URL_OPTION } from './command.js';
import { findConversations, findExports, type FoundSession, type Part } from './import-file.js';

/** Sessions that are written at once, each by one request at a time. */
const SESSIONS_AT_ONCE = 16;

/** Differences that are told one by one. */
const NAMED_DIFFERENCES = 20;

const GONE = 410;
const AGAIN = 'run the same command again: it goes on where it stopped.';

/** Writes sessions to a service. What is there already stays as it is; where it differs from a file, that is noted. */
class Importer {
  private readonly sessions = { created: 0, there: 0 };
  private readonly events = { stored: 0, there: 0 };
  private readonly differences: string[] = [];

  constructor(
    private readonly client: ConversationClient,
    private readonly progress: (events: number) => void,
  ) {}

  /** Each request can be repeated, so an import that broke off is run again and goes on. */
  async write(found: FoundSession): Promise<void> {
    let isOurs: boolean | undefined;
    for await (const part of found.parts()) {
      isOurs ??= await this.create(part);
      if (isOurs) await this.record(part);
      this.progress(part.events.length);
    }
  }

  /** @returns whether events may be added: not to another conversation that has this id. */
  private async create({ session, place }: Part): Promise<boolean> {
    const name = `${place}: session "${session.sessionId}"`;
    try {
      const {
        session: stored,
        replayed,
        mismatch,
      } = await this.client.createSession(session, { onMismatch: 'return' });
      this.sessions[replayed ? 'there' : 'created']++;
      if (!mismatch) return true;
      const isSame =
        stored.language === session.language && stored.startedAt === (session.startedAt ?? stored.startedAt);
      const what = isSame ? 'with other metadata, which stay' : 'as another one; nothing of it was imported';
      this.differences.push(`${name} is there already ${what}`);
      return isSame;
    } catch (error) {
      if (!(error instanceof ServiceError && error.status === GONE)) throw placed(error, place);
      this.differences.push(`${name} was deleted there, and stays so`);
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
      throw placed(error, part.place, part.places);
    }
  }

  /** @throws CommandError where there are differences: what is in the files is then not what is at the service. */
  report(): void {
    const { sessions, events, differences } = this;
    console.log(`sessions: ${count(sessions.created)} created, ${count(sessions.there)} were there`);
    console.log(`events: ${count(events.stored)} stored, ${count(events.there)} were there`);
    if (differences.length === 0) return;
    console.log(`mismatches: ${count(differences.length)}`);
    const named = differences.slice(0, NAMED_DIFFERENCES);
    if (named.length < differences.length)
      named.push(`${count(differences.length - named.length)} more like these`);
    throw new CommandError([...named, 'What was there already was left as it is.'].join('\n'));
  }
}

/** A refusal in the terms of a file. */
function placed(error: unknown, place: string, places: readonly string[] = []): unknown {
  if (!(error instanceof ServiceError)) return error;
  const lines = (error.details ?? []).flatMap(({ field, message }) => {
    const at = places[Number(/^events\[(\d+)\]/.exec(field)?.[1])];
    return at === undefined ? [] : [`${at}: ${message.replace(/^events\[\d+\][.:]? ?/, '')}`];
  });
  if (lines.length === 0) lines.push(`${place}: ${error.status} ${error.code ?? ''} ${error.message}`);
  return new CommandError(lines.join('\n'), { cause: error });
}

/** Reads all files. @throws CommandError */
async function findAll(files: readonly string[], from: string | undefined, options: ConvertOptions) {
  const format = FORMAT_NAMES.find((name) => name === from);
  if (from !== undefined && !format)
    throw new UsageError(`--from must be one of ${FORMAT_NAMES.join(', ')}.`);
  const found: FoundSession[] = [];
  for (const file of files) {
    const sessions = format ? findConversations(file, format, options) : findExports(file);
    try {
      for await (const session of sessions) found.push(session);
    } catch (error) {
      if (error instanceof CommandError) throw error;
      const message = (error as Error).message.replace('give one', 'give one by --session');
      throw new CommandError(`${file}: ${message}`, { cause: error });
    }
  }
  return found;
}

function groupsOf(found: readonly FoundSession[]): Iterable<readonly FoundSession[]> {
  const groups = new Map<string, FoundSession[]>();
  for (const session of found) {
    const group = groups.get(session.sessionId);
    if (group) group.push(session);
    else groups.set(session.sessionId, [session]);
  }
  return groups.values();
}

await runCommand({
  usage: `Usage: npm run import -- [--from PROVIDER [--session ID] [--started-at TIME] [--lenient]] [--url ADDRESS] FILE…

Writes conversations to a service: exports of it (npm run export, GET /sessions/:sessionId/export), or what a provider sent or
keeps, as JSON or one JSON object a line. All files are checked before anything is sent. It can be run again at any time: it
goes on where it was stopped, and nothing is doubled.
  --from        ${FORMAT_NAMES.join(', ')}
  --session     the id of the session, where the provider has none
  --started-at  when it began, where the provider does not say
  --lenient     leaves out what is at fault, and tells it
  --url         the service (http://localhost:3000)`,
  options: {
    from: { type: 'string' },
    session: { type: 'string' },
    'started-at': { type: 'string' },
    lenient: { type: 'boolean' },
    url: URL_OPTION,
  },
  files: true,
  whenStopped: `To go on, ${AGAIN}`,
  async run({ from, session: sessionId, 'started-at': startedAt, lenient, url }, files) {
    if (files.length === 0) throw new UsageError('There is no file to import.');
    if (from === undefined && (sessionId ?? startedAt ?? lenient) !== undefined) {
      throw new UsageError('An export is taken as it is: --session, --started-at and --lenient need --from.');
    }
    const found = await findAll(files, from, { sessionId, startedAt, lenient });
    const events = found.reduce((sum, session) => sum + session.events, 0);
    console.log(`Found ${count(found.length, 'session')} with ${count(events, 'event')}`);
    for (const fault of found.flatMap(({ faults }) => faults)) console.error(`Left out: ${fault}`);

    const importer = new Importer(await connect(url), showProgress('Importing events', events));
    try {
      // One after the other where a session is there twice.
      await inParallel(groupsOf(found), SESSIONS_AT_ONCE, async (group) => {
        for (const session of group) await importer.write(session);
      });
    } catch (error) {
      throw new CommandError(`${(error as Error).message}\nWhen that is mended, ${AGAIN}`, { cause: error });
    }
    importer.report();
  },
});
