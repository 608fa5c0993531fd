import { Global, Module } from '@nestjs/common';
import { AppConfig, loadConfig } from './load-config.js';

// Throws a ConfigError if a variable is invalid; `main.ts` shows its message.
const loaded = loadConfig(process.env);

/**
 * The limits of this process, read once. A constant, because decorators (validators, OpenAPI) need them when their class
 * is defined, before anything is injected.
 */
export const { limits } = loaded;

/** Makes all other settings injectable everywhere. */
@Global()
@Module({
  providers: [{ provide: AppConfig, useValue: loaded.config }],
  exports: [AppConfig],
})
export class ConfigModule {}
