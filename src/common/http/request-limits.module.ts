import { Global, Module } from '@nestjs/common';
import { Admission } from './admission.js';
import { LongRequests } from './long-requests.js';

/** Limits on concurrent requests, short and long ones. */
@Global()
@Module({ providers: [Admission, LongRequests], exports: [Admission, LongRequests] })
export class RequestLimitsModule {}
