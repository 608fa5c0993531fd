import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';

/** What lays out the lines, where people read them; it takes thirty files to load. */
const pretty = process.stdout.isTTY ? (await import('pino-pretty')).default : undefined;

/** Nest's levels, by the names that log collectors know. */
const LEVELS = {
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  log: 'info',
  debug: 'debug',
  verbose: 'trace',
} as const satisfies Record<LogLevel, string>;

/**
 * The most bytes of the log that wait to be read. Further lines are dropped, so that a stalled reader can't fill the
 * memory.
 */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/**
 * The contexts in which Nest logs its own start: some thirty lines of no interest, and errors that it also throws. They
 * are logged at `debug`.
 */
const FRAMEWORK = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/**
 * The log: one line of JSON each, with `level`, `time`, `context` and `message`; in a terminal, lines for people. The fields
 * of an object that is logged become those of its line.
 *
 * If its reader goes away (with `npm start | head -1`, say) or its disk is full, the service continues without it: a
 * log is no reason to lose calls.
 */
export class ServiceLogger extends ConsoleLogger {
  private readonly root: Logger;
  private readonly contexts = new Map<string, Logger>();

  constructor(level: string, stream: DestinationStream = pretty ? forPeople(pretty) : standardOutput()) {
    super({ logLevels: Object.keys(LEVELS) as LogLevel[] });
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

  protected override printMessages(
    messages: unknown[],
    context = '',
    level: LogLevel = 'log',
    _stream?: unknown,
    stack?: unknown,
  ): void {
    const log = this.contexts.get(context) ?? this.root.child({ context });
    this.contexts.set(context, log);
    const shownAt = LEVELS[FRAMEWORK.has(context) && level !== 'warn' ? 'debug' : level];
    for (const message of messages) {
      if (message instanceof Error) log[shownAt]({ error: message }, message.message);
      else if (typeof message === 'object' && message !== null) log[shownAt](message);
      else log[shownAt]({ stack }, String(message));
    }
  }

  /** Its line has the stack. */
  protected override printStackTrace(): void {}
}

function forPeople(layOut: NonNullable<typeof pretty>): DestinationStream {
  return layOut({
    destination: standardOutput(),
    singleLine: true,
    messageKey: 'message',
    ignore: 'context',
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: '{context}: {message}',
  });
}

/**
 * Lines that arrive while one is being written are written together, since each write is a system call.
 *
 * After a broken pipe, pino ends the log. After other errors, such as a full disk, it retries with the next line. What
 * is still unwritten when the process ends is dropped, since pino would retry without end.
 */
function standardOutput() {
  const stream = destination({ dest: process.stdout.fd, sync: false, maxLength: MAX_WAITING_BYTES });
  const flushSync = stream.flushSync.bind(stream);
  return stream
    .on('error', () => (stream.flushSync = () => undefined))
    .on('write', () => (stream.flushSync = flushSync));
}
