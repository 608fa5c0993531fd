import { type LoggerService, type LogLevel } from '@nestjs/common';
import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';

/** Nest's levels, by the names they have in the log: those that collectors of logs know. */
const LEVELS = {
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  log: 'info',
  debug: 'debug',
  verbose: 'trace',
} as const satisfies Record<LogLevel, string>;

/** Bytes of the log that wait for whoever reads it; what is beyond is left out, so that a reader who stalls can't fill the memory. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/**
 * Where Nest tells of its own start: some thirty lines that say nothing new, and of an error what it throws as well.
 * Kept for those who ask for `debug`.
 */
const FRAMEWORK = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/**
 * The log: a line of JSON each, with `level`, `time`, `context` and `message`; in a terminal, lines for people.
 *
 * When its reader goes away (`npm start | head -1`, say) or its disk is full, the service goes on without it: a log is
 * no reason to lose calls.
 */
export class ServiceLogger implements LoggerService {
  private readonly root: Logger;
  private readonly contexts = new Map<string | undefined, Logger>();

  constructor(
    level: string,
    stream: DestinationStream = process.stdout.isTTY ? forPeople() : standardOutput(),
  ) {
    this.root = pino(
      {
        level,
        base: null,
        messageKey: 'message',
        errorKey: 'error',
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      stream,
    );
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write(isOfFramework(rest) ? 'debug' : 'log', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write(isOfFramework(rest) ? 'debug' : 'error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('verbose', message, rest);
  }

  /** Nest gives the context last; before it, of an error, its stack. An object's fields become the line's. */
  private write(level: LogLevel, message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    const log = this.in(typeof context === 'string' ? context : undefined);
    if (message instanceof Error) log[LEVELS[level]]({ error: message }, message.message);
    else if (typeof message === 'object' && message !== null) log[LEVELS[level]](message);
    else if (rest.length > 1) log[LEVELS[level]]({ stack: rest[0] }, String(message));
    else log[LEVELS[level]](String(message));
  }

  private in(context: string | undefined): Logger {
    let log = this.contexts.get(context);
    if (!log) this.contexts.set(context, (log = this.root.child({ context })));
    return log;
  }
}

function isOfFramework(rest: readonly unknown[]): boolean {
  return FRAMEWORK.has(String(rest.at(-1)));
}

function forPeople(): DestinationStream {
  return pretty({
    destination: standardOutput(),
    singleLine: true,
    messageKey: 'message',
    ignore: 'context',
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: '{context}: {message}',
  });
}

/**
 * Lines that come while one is being written go out together: each write is a call of the system.
 *
 * A broken pipe pino takes for the end of the log. After anything else, such as a full disk, it tries again with the
 * next line; what is left when the process ends is given up then, for to write that pino would wait without end.
 */
function standardOutput() {
  const stream = destination({ dest: process.stdout.fd, sync: false, maxLength: MAX_WAITING_BYTES });
  const flushSync = stream.flushSync.bind(stream);
  return stream
    .on('error', () => (stream.flushSync = () => undefined))
    .on('write', () => (stream.flushSync = flushSync));
}
