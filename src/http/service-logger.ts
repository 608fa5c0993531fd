import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { REQUEST_LOG } from './request-context.js';
import { LineBuffer } from './line-buffer.js';

const FROM_QUIET_TO_LOUD: readonly LogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'];

/** Where Nest tells of its own start, some thirty lines that say nothing new: kept for those who ask for `debug`. */
const FRAMEWORK = new Set<unknown>([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/**
 * Nest's own logger: JSON lines for machines in production, lines for people elsewhere.
 *
 * The lines of requests look like all others and are made in a shorter way: Nest's formatter and a write of its own
 * for each would take a quarter of the time that the rest of a request takes.
 */
export class ServiceLogger extends ConsoleLogger {
  private readonly requests = new LineBuffer(process.stdout);
  private readonly json: boolean;
  private readonly beforeTime: string;
  private readonly beforeText: string;
  private timestamp = { second: 0, text: '' };

  constructor(options: { readonly level: LogLevel; readonly json: boolean }) {
    const logLevels = FROM_QUIET_TO_LOUD.slice(0, FROM_QUIET_TO_LOUD.indexOf(options.level) + 1);
    super({ logLevels, json: options.json });
    this.json = options.json;
    this.beforeTime = this.colorize(this.formatPid(process.pid), 'log');
    this.beforeText = `${this.colorize('LOG'.padStart(7), 'log')} ${this.formatContext(REQUEST_LOG)}`;
  }

  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (context === REQUEST_LOG) this.logRequest(message);
    else if (FRAMEWORK.has(context)) this.debug(message, ...rest);
    else super.log(message, ...rest);
  }

  /** Nest's, made once a second, which is all it tells: to format it takes longer than the rest of a line. */
  protected override getTimestamp(): string {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.timestamp.second) this.timestamp = { second, text: super.getTimestamp() };
    return this.timestamp.text;
  }

  private logRequest(message: unknown): void {
    if (!this.isLevelEnabled('log')) return;
    const line = this.json
      ? JSON.stringify(this.getJsonLogObject(message, { context: REQUEST_LOG, logLevel: 'log' }))
      : `${this.beforeTime}${this.getTimestamp()} ${this.beforeText}${this.colorize(String(message), 'log')}`;
    this.requests.write(line);
  }
}
