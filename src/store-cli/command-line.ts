import { parseArgs } from 'node:util';
import { EmbeddedMongoError } from '../embedded-mongo/index.js';

/** The exit code for a command line that can't be understood, by sysexits.h: EX_USAGE. */
const USAGE_ERROR = 64;

/** What the person at the terminal can mend, in sentences for them; its stack adds nothing. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** An argument that can't be used. */
export class UsageError extends CommandError {}

/** Runs a program: an error that was expected is its sentence and an exit code, any other shows its stack. */
export async function runProgram(usage: string, program: () => Promise<void>): Promise<void> {
  if (process.argv.includes('--help')) {
    console.log(usage);
    return;
  }
  try {
    await program();
  } catch (error) {
    process.exitCode = error instanceof UsageError ? USAGE_ERROR : 1;
    if (error instanceof UsageError) console.error(`${error.message}\n\n${usage}`);
    else if (error instanceof CommandError || error instanceof EmbeddedMongoError)
      console.error(error.message);
    else console.error(error);
  }
}

type Values<Name extends string> = Partial<Record<Name, string>>;

/** What a command line may hold. */
interface CommandLineShape<Value extends string, Flag extends string> {
  /** Options with a value. */
  readonly values: readonly Value[];
  /** Options without one. */
  readonly flags?: readonly Flag[];
  /** Whether anything may stand beside the options. */
  readonly operands?: boolean;
}

/** What a command line says. */
interface CommandLine<Value extends string, Flag extends string> {
  readonly options: Values<Value>;
  readonly flags: ReadonlySet<Flag>;
  readonly operands: readonly string[];
}

/** The options of the command line, each with a value. @throws UsageError for anything else on it. */
export function readOptions<Name extends string>(...names: readonly Name[]): Values<Name> {
  return readCommandLine({ values: names }).options;
}

/** @throws UsageError for what is not of the shape. */
export function readCommandLine<Value extends string, Flag extends string = never>({
  values: names,
  flags = [],
  operands = false,
}: CommandLineShape<Value, Flag>): CommandLine<Value, Flag> {
  const options: Record<string, { type: 'string' | 'boolean' }> = {};
  for (const name of names) options[name] = { type: 'string' };
  for (const name of flags) options[name] = { type: 'boolean' };
  try {
    const parsed = parseArgs({ options, allowPositionals: operands });
    const values = parsed.values as Readonly<Record<string, string | boolean | undefined>>;
    const empty = names.find((name) => values[name] === '');
    if (empty !== undefined) throw new UsageError(`--${empty} needs a value.`);
    return {
      options: Object.fromEntries(names.map((name) => [name, values[name]])) as Values<Value>,
      flags: new Set(flags.filter((name) => values[name] === true)),
      operands: parsed.positionals,
    };
  } catch (error) {
    if (!isParseError(error)) throw error;
    const [sentence = ''] = error.message.split(/\. |\.?$/m, 1);
    throw new UsageError(`${sentence}.`);
  }
}

function isParseError(error: unknown): error is Error {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
}

/** A URI as it may be shown: without the password. */
export function withoutPassword(uri: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/@:]*):[^/@]*@/, '$1:***@');
}

/** For programs of which nothing needs tidying up: a signal ends them, with a sentence. */
export function stopOnSignal(sentence: string): void {
  const stop = (signal: NodeJS.Signals, number: number) => {
    console.error(`\n${signal}: stopped. ${sentence}`);
    process.exit(128 + number);
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}
