import { MongoError } from '../errors.js';

/** Runs one statement of a write; keeps what it refuses for `writeErrors`. Other failures end the whole command. */
export function collectErrors<T>(
  statements: readonly T[],
  ordered: boolean,
  run: (statement: T, index: number) => void,
): Record<string, unknown>[] {
  const writeErrors: Record<string, unknown>[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      writeErrors.push({ index, code: error.code, ...error.details, errmsg: error.message });
      if (ordered) break;
    }
  }
  return writeErrors;
}

/** `writeErrors` appears in an answer only where there are some. */
export function withErrors(reply: Record<string, unknown>, writeErrors: unknown[]): Record<string, unknown> {
  return writeErrors.length === 0 ? reply : { ...reply, writeErrors };
}
