import { createInterface } from 'node:readline/promises';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import progress from 'cli-progress';
import * as api from '../../clients/typescript/src/index.js';

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
  run(values: Parsed<O>['values'], files: readonly string[]): Promise<void>;
}

/**
 * Runs a command, or shows its usage for `--help`. The exit code is 64 for a wrong command line, and 1 for other errors. Of an
 * error only the message is shown, unless it is a fault of the program.
 */
export async function runCommand<const O extends Options>(command: Command<O>): Promise<void> {
  if (process.argv.includes('--help')) {
    console.log(command.usage);
    return;
  }
  try {
    const { options, files: allowPositionals = false } = command;
    const { values, positionals } = parseArgs({ options, allowPositionals });
    const empty = Object.entries(values).find(([, value]) => [value].flat().includes(''));
    if (empty) throw new UsageError(`--${empty[0]} needs a value.`);
    await command.run(values, positionals);
  } catch (error) {
    bar?.stop();
    const { message, code } = error as NodeJS.ErrnoException;
    const isUsage = error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS') === true;
    const isOurFault = !isUsage && (error instanceof TypeError || error instanceof RangeError);
    console.error(isOurFault ? error : message);
    if (isUsage) console.error(`\n${command.usage}`);
    process.exitCode = isUsage ? USAGE_ERROR : 1;
  }
}

let bar: progress.SingleBar | undefined;

/** Shows a bar on standard error, if that is a terminal. @returns what to call when more is done. */
export function showProgress(label: string, total: number): (more?: number) => void {
  const format = `${label} [{bar}] {value} of {total}`;
  const shown = new progress.SingleBar(
    { format, stopOnComplete: true, gracefulExit: false },
    progress.Presets.legacy,
  );
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

/** How many requests are sent at once. */
const AT_ONCE = 16;

/** Works on several items at once. After an error those under way are completed, and no other is begun. */
export async function inParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = (async function* () {
    yield* items;
  })();
  const worker = async () => {
    for await (const item of queue) await work(item); // an error ends the queue, for all
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** How to say which service a command is for. */
export const URL_OPTION = { type: 'string', default: 'http://localhost:3000' } as const;

/** A client of the service at `url`, once something has answered there. @throws CommandError */
export async function connect(url: string): Promise<api.ConversationClient> {
  try {
    await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).body?.cancel();
  } catch (error) {
    const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
    const reason = cause?.code ?? message; // with several addresses, the cause has no message
    throw new CommandError(
      `There is no service at ${url} (${reason}). Start it, or name its address by --url, such as http://localhost:3000.`,
    );
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

/** All sessions that match, the oldest first. */
export async function* sessionsOf(
  client: api.ConversationClient,
  query: api.ListQuery,
): AsyncGenerator<api.Session> {
  for await (const { sessions } of client.list({ ...query, order: 'asc', limit: 100 })) yield* sessions;
}
