import { ConsoleLogger, type LogLevel } from '@nestjs/common';

const FROM_QUIET_TO_LOUD: readonly LogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'];

/** Where Nest tells of its own start, some thirty lines that say nothing new: kept for those who ask for `debug`. */
const FRAMEWORK = new Set<unknown>([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** Nest's own logger: JSON lines for machines in production, lines for people elsewhere. */
export class ServiceLogger extends ConsoleLogger {
  constructor(options: { readonly level: LogLevel; readonly json: boolean }) {
    const logLevels = FROM_QUIET_TO_LOUD.slice(0, FROM_QUIET_TO_LOUD.indexOf(options.level) + 1);
    super({ logLevels, json: options.json });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (FRAMEWORK.has(rest.at(-1))) this.debug(message, ...rest);
    else super.log(message, ...rest);
  }
}
