import { Global, Module } from '@nestjs/common';
import { AppConfig, loadConfig } from './load-config.js';

/**
 * The configuration of this process, read once.
 *
 * A module constant besides the injected `AppConfig`, because decorators (validators, OpenAPI) need the limits
 * when their class is defined, before there is anything to inject. Importing it throws a `ConfigError` where a
 * variable can't be used, which `main.ts` turns into a sentence.
 */
export const config = loadConfig(process.env);

/** Makes the configuration injectable everywhere. */
@Global()
@Module({
  providers: [{ provide: AppConfig, useValue: config }],
  exports: [AppConfig],
})
export class ConfigModule {}
