import { Global, Module } from '@nestjs/common';
import { AppConfig, loadConfig } from './load-config.js';

/**
 * The configuration of this process, read once.
 *
 * It is a module constant in addition to the injectable `AppConfig`, because decorators (validators, OpenAPI) need the
 * limits when their class is defined, before anything is injected. Importing it throws a `ConfigError` if a variable is
 * invalid; `main.ts` shows its message.
 */
export const config = loadConfig(process.env);

/** Makes the configuration injectable everywhere. */
@Global()
@Module({
  providers: [{ provide: AppConfig, useValue: config }],
  exports: [AppConfig],
})
export class ConfigModule {}
