import { createInterface } from 'node:readline/promises';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import progress from 'cli-progress';
import pLimit from 'p-limit';
import * as api from '../../clients/typescript/src/index.js';
import { parseQueryTime } from '../common/validation/times.js';

/** The exit code for a command line that can't be parsed: EX_USAGE in sysexits.h. */
const USAGE_ERROR = 64;

/** An error that the user can fix. */
export class CommandError extends Error {}

/** A wrong argument. The usage is shown below its message. */
export class UsageError extends CommandError {}

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<O extends Options> = ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>;

/** A command, as its user sees it. */
interface Command<O extends Options> {
  readonly usage: string;
  readonly options: O;
  /** Whether it takes files. */
  readonly files?: boolean;
  /** What is said when a signal ends it. Without this, it deals with signals itself. */
  readonly whenStopped?: string;
  run(values: Parsed<O>['values'], files: readonly string[]): Promise<void>;
}

/**
 * Runs a command, or shows its usage for `--help`. The exit code is 64 for a wrong command line, 1 for other errors, and
 * 128 plus its number for a signal. Of an error only the message is shown, unless it is a fault of the program.
 */
export async function runCommand<const O extends Options>(command: Command<O>): Promise<void> {
  if (process.argv.includes('--help')) {
    console.log(command.usage);
    return;
  }
  if (command.whenStopped !== undefined) stopOnSignal(command.whenStopped);
  try {
    const { values, positionals } = parse(command);
    await command.run(values, positionals);
  } catch (error) {
    process.exitCode = error instanceof UsageError ? USAGE_ERROR : 1;
    bar?.stop();
    const isOurFault = error instanceof TypeError || error instanceof RangeError;
    console.error(isOurFault ? error : (error as Error).message);
    if (error instanceof UsageError) console.error(`\n${command.usage}`);
  }
}

function parse<O extends Options>({ options, files = false }: Command<O>): Parsed<O> {
  try {
    const parsed = parseArgs({ options, allowPositionals: files });
    const empty = Object.entries(parsed.values).find(([, value]) => [value].flat().includes(''));
    if (empty) throw new UsageError(`--${empty[0]} needs a value.`);
    return parsed;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const [sentence] = (error as Error).message.split(/\. |\.?$/m, 1); // the rest is about files whose names begin with --
    throw new UsageError(`${sentence}.`, { cause: error });
  }
}

function stopOnSignal(sentence: string): void {
  const stop = (signal: NodeJS.Signals, number: number) => {
    bar?.stop();
    console.error(`${signal}: stopped. ${sentence}`);
    process.exit(128 + number);
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

let bar: progress.SingleBar | undefined;

/** Shows a bar on standard error, if that is a terminal. @returns what to call when more is done. */
export function showProgress(label: string, total: number): (more?: number) => void {
  const format = `${label} [{bar}] {value} of {total}`;
  const shown = new progress.SingleBar({ format, stopOnComplete: true }, progress.Presets.legacy);
  if (total > 0) shown.start(total, 0);
  bar = shown;
  return (more = 1) => {
    shown.increment(more);
  };
}

/** A number as it is read, and of what: `12,345`, `1 session`, `12,345 sessions`. */
export function count(number: number, what?: string): string {
  const text = number.toLocaleString('en');
  return what === undefined ? text : `${text} ${what}${number === 1 ? '' : 's'}`;
}

/** Asks on the terminal. @throws UsageError where there is none. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError(`${question} Nobody can be asked here: add --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer);
}

/** Works on several items at once. After an error those under way are completed, and no other is begun. */
export async function inParallel<T>(items: Iterable<T>, atOnce: number, work: (item: T) => Promise<void>) {
  const limit = pLimit(atOnce);
  try {
    await limit.map(items, work);
  } finally {
    limit.clearQueue();
  }
}

/** How to say which service a command is for. */
export const URL_OPTION = { type: 'string', default: 'http://localhost:3000' } as const;

/** A client of the service at `url`, once something has answered there. */
export async function connect(url: string): Promise<api.ConversationClient> {
  if (!/^https?:\/\/./i.test(url)) {
    throw new UsageError(
      `--url must be the address of a service such as http://localhost:3000, not "${url}".`,
    );
  }
  try {
    await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).body?.cancel();
  } catch (error) {
    const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
    const reason = cause?.message || cause?.code || message; // with several addresses, there is no message
    throw new CommandError(`There is no service at ${url} (${reason}). Start it, or name it by --url.`);
  }
  return new api.ConversationClient({ baseUrl: url, timeoutMs: 60_000, tryTimeoutMs: 30_000 });
}

/** Filters by metadata as options, and as the client takes them. */
export const METADATA_OPTION = { type: 'string', multiple: true, default: [] as string[] } as const;

export function metadataFrom(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals > 0) return [pair.slice(0, equals), pair.slice(equals + 1)];
      throw new UsageError(`--metadata must be a key and a value such as queue=billing, not "${pair}".`);
    }),
  );
}

/** A time that is given as a date (midnight, UTC) or by RFC 3339. @throws UsageError */
export function timeFrom(option: string, text: string): Date {
  const time = parseQueryTime(text);
  if (time) return time;
  throw new UsageError(
    `--${option} must be a date such as 2026-01-01, or a time such as 2026-01-01T00:00:00Z, not "${text}".`,
  );
}

/** All sessions that match, the oldest first. */
export async function* sessionsOf(
  client: api.ConversationClient,
  query: api.ListQuery,
): AsyncGenerator<api.Session> {
  for await (const { sessions } of client.list({ ...query, order: 'asc', limit: 100 })) yield* sessions;
}

/** Sessions that have not ended and to which nothing was added since a time, with the time of what was last. */
export async function* idleSessions(
  client: api.ConversationClient,
  since: Date,
  metadata: Record<string, string> = {},
): AsyncGenerator<{ readonly sessionId: string; readonly lastAt: Date }> {
  const filters = { status: 'initiated,active', to: since.toISOString(), metadata };
  for await (const session of sessionsOf(client, { ...filters, include: 'activity' })) {
    const { sessionId, startedAt, lastEventAt } = session;
    // The clock of the client that began it may be ahead of the one of the service.
    const lastAt = new Date((lastEventAt ?? '') > startedAt ? (lastEventAt ?? '') : startedAt);
    if (lastAt < since) yield { sessionId, lastAt };
  }
}
