import { existsSync } from 'node:fs';
import { ConfigError } from './config/load-config.js';

/** The exit code of a service that was told something it can't do, by sysexits.h: EX_CONFIG. */
const CONFIG_ERROR = 78;

/** While it is loaded the program has some 350 files open; then there are connections, to the store too. */
const ENOUGH_OPEN_FILES = 1024;

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
  const { code, syscall } = error as NodeJS.ErrnoException;
  // Node looks for modules by opening them: without descriptors it takes those that are there for missing.
  if (code === 'EMFILE' || (code === 'ERR_MODULE_NOT_FOUND' && mostOpenFiles() < ENOUGH_OPEN_FILES)) {
    return `The process may have no more than ${mostOpenFiles()} files open at once, too few to start. Let it have ${ENOUGH_OPEN_FILES} or more: ulimit -n, LimitNOFILE in systemd, --ulimit nofile in Docker.`;
  }
  if (error instanceof ConfigError || error.name === 'EmbeddedMongoError') return error.message;
  return syscall === 'listen' || code === 'ENOTFOUND'
    ? `The service can't listen there (${error.message}). Set PORT or HOST to something else.`
    : undefined;
}

/** The limit of the system on this process; Infinity where there is none. */
function mostOpenFiles(): number {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft: unknown } } };
  const most = Number(userLimits?.open_files?.soft);
  return Number.isNaN(most) ? Infinity : most;
}
