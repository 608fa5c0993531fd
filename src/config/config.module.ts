import { Global, Module } from '@nestjs/common';
import { config } from './config.js';
import { AppConfig } from './load-config.js';

/** Makes the validated configuration injectable everywhere. */
@Global()
@Module({
  providers: [{ provide: AppConfig, useValue: config }],
  exports: [AppConfig],
})
export class ConfigModule {}
