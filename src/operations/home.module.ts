import { Module } from '@nestjs/common';
import { HomeController } from './home.controller.js';

/** The front door. */
@Module({ controllers: [HomeController] })
export class HomeModule {}
