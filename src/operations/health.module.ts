import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';

/** The probes of whoever runs the service. */
@Module({ controllers: [HealthController] })
export class HealthModule {}
