import { parseArgs } from 'node:util';
import { UsageError } from './program.js';

type Values<Name extends string> = Partial<Record<Name, string>>;

/** The options and arguments that a program accepts. */
interface CommandLineShape<Value extends string, Flag extends string> {
  /** Options with a value. */
  readonly values: readonly Value[];
  /** Options without one. */
  readonly flags?: readonly Flag[];
  /** Whether arguments other than options, such as files, are allowed. */
  readonly operands?: boolean;
}

/** The parsed command line. */
interface CommandLine<Value extends string, Flag extends string> {
  readonly options: Values<Value>;
  readonly flags: ReadonlySet<Flag>;
  readonly operands: readonly string[];
}

/** Reads options that each take a value. @throws UsageError if there is anything else. */
export function readOptions<Name extends string>(...names: readonly Name[]): Values<Name> {
  return readCommandLine({ values: names }).options;
}

/** Parses the command line. @throws UsageError if it does not fit the shape. */
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
