/** The exit code for a command line that can't be parsed: EX_USAGE in sysexits.h. */
const USAGE_ERROR = 64;

/** An error that the user can fix. Its message is shown without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** A wrong argument. The usage is shown below its message. */
export class UsageError extends CommandError {}

/**
 * Runs a program, or shows its usage for `--help`. Of a `CommandError` only the message is shown, of other errors also
 * the stack; both set the exit code.
 *
 * @param expected further classes of errors of which only the message is shown.
 */
export async function runProgram(
  usage: string,
  program: () => Promise<void>,
  expected: readonly (abstract new (...args: never[]) => Error)[] = [],
): Promise<void> {
  if (process.argv.includes('--help')) {
    console.log(usage);
    return;
  }
  try {
    await program();
  } catch (error) {
    process.exitCode = error instanceof UsageError ? USAGE_ERROR : 1;
    if (error instanceof UsageError) console.error(`${error.message}\n\n${usage}`);
    else if (error instanceof Error && [CommandError, ...expected].some((type) => error instanceof type))
      console.error(error.message);
    else console.error(error);
  }
}

/** Ends the process on SIGTERM or SIGINT and shows the sentence. For programs that have nothing to clean up. */
export function stopOnSignal(sentence: string): void {
  const stop = (signal: NodeJS.Signals, number: number) => {
    console.error(`\n${signal}: stopped. ${sentence}`);
    process.exit(128 + number);
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}
