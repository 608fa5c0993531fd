import { existsSync } from 'node:fs';
import { ConfigError } from './config/load-config.js';

/** The exit code of a service that was told something it can't do, by sysexits.h: EX_CONFIG. */
const CONFIG_ERROR = 78;

try {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { serve } = await import('./serve.js'); // only now: the configuration is read when it is first imported
  await serve();
} catch (error) {
  const told =
    error instanceof ConfigError || (error instanceof Error && error.name === 'EmbeddedMongoError');
  console.error(told ? error.message : error);
  process.exit(told ? CONFIG_ERROR : 1);
}
