import { existsSync } from 'node:fs';
import { ConfigError } from './config/load-config.js';

/** The exit code of a service that was told something it can't do, by sysexits.h: EX_CONFIG. */
const CONFIG_ERROR = 78;

try {
  loadEnvironment();
  await import('./config/config.js'); // only now, for it is read at once; and before the rest, which takes a second to load
  const { serve } = await import('./serve.js');
  await serve();
} catch (error) {
  const sentence = sentenceFor(error);
  console.error(sentence ?? error);
  process.exit(sentence === undefined ? 1 : CONFIG_ERROR);
}

/** Reads `.env`, where there is one. */
function loadEnvironment(): void {
  try {
    if (existsSync('.env')) process.loadEnvFile('.env');
  } catch (error) {
    throw new ConfigError(
      `.env can't be read (${(error as Error).message}). Make it a file that this user may read, or remove it.`,
    );
  }
}

/** What the person who started the service can mend; undefined for everything else, which shows its stack. */
function sentenceFor(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof ConfigError || error.name === 'EmbeddedMongoError') return error.message;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === 'listen' || code === 'ENOTFOUND'
    ? `The service can't listen there (${error.message}). Set PORT or HOST to something else.`
    : undefined;
}
