import { Global, Module } from '@nestjs/common';
import { Admission } from './admission.js';
import { LongRequests } from './long-requests.js';

/** How much is under way at once: what is worked on, and what takes long by its nature. */
@Global()
@Module({ providers: [Admission, LongRequests], exports: [Admission, LongRequests] })
export class RequestLimitsModule {}
