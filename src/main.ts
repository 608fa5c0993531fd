import { existsSync } from 'node:fs';

/** The exit code for an invalid configuration: EX_CONFIG in sysexits.h. */
const CONFIG_ERROR = 78;

// Before anything else is loaded, which takes a second: as process 1 of a container, it would ignore signals until then.
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    stop.abort(signal);
  });
}

try {
  loadEnvironment();
  await import('./config/config.js'); // after .env is loaded, and before the rest
  const { serve } = await import('./serve.js');
  await serve(stop.signal);
} catch (error) {
  const sentence = sentenceFor(error);
  if (sentence === undefined) console.error(error);
  else for (const line of sentence.split('\n')) console.error(asLogged(line));
  process.exit(sentence === undefined ? 1 : CONFIG_ERROR);
}

/** A sentence in the form of the log: for people in a terminal, otherwise JSON. */
function asLogged(message: string): string {
  if (process.stdout.isTTY) return message;
  return JSON.stringify({ level: 'fatal', time: new Date().toISOString(), context: 'Service', message });
}

/** Reads `.env`, if there is one. */
function loadEnvironment(): void {
  try {
    if (existsSync('.env')) process.loadEnvFile('.env');
  } catch (error) {
    const reason = (error as Error).message;
    const sentence = `.env can't be read (${reason}). Make it a file that this user may read, or remove it.`;
    throw Object.assign(new Error(sentence), { name: 'ConfigError' });
  }
}

/** A sentence for an error that the user can fix; undefined for all others, which show their stack. */
function sentenceFor(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (error.name === 'ConfigError' || error.name === 'EmbeddedMongoError') return error.message;
  return syscall === 'listen' || code === 'ENOTFOUND'
    ? `The service can't listen there (${error.message}). Set PORT or HOST to something else.`
    : undefined;
}
