import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { type Request } from 'express';
import { ValidationFailedError } from '../domain-error.js';
import { unknownFields } from './request-validation.pipe.js';

const NO_FIELDS: ReadonlySet<string> = new Set();

/**
 * Refuses every query parameter, for routes that have none. If they were ignored, a client would think that its
 * `?dryRun=true` or `?limit=10` was heeded.
 */
@Injectable()
export class NoQuery implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { url, query } = context.switchToHttp().getRequest<Request>();
    if (!url.includes('?')) return true;
    const [first, ...others] = unknownFields(query, NO_FIELDS);
    if (first) throw new ValidationFailedError([first, ...others]);
    return true;
  }
}
