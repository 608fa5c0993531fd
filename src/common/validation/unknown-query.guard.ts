import { type CanActivate, type ExecutionContext } from '@nestjs/common';
import { type Request } from 'express';
import { QueryDto } from './fields.js';
import { refuse, unknownFields } from './request-validation.pipe.js';

/**
 * Refuses every query parameter where a handler takes none; where it takes a `QueryDto`, that one decides. If parameters
 * were ignored, a client would think that its `?dryRun=true` or `?limit=10` was heeded.
 */
export class UnknownQueryGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { query } = context.switchToHttp().getRequest<Request>();
    if (!takesQuery(context)) refuse(unknownFields(query, new Set()));
    return true;
  }
}

/** Whether a parameter of a handler is a `QueryDto`, by the types that the compiler leaves for decorators. */
function takesQuery(context: ExecutionContext): boolean {
  const prototype = context.getClass().prototype as object;
  const types = Reflect.getMetadata('design:paramtypes', prototype, context.getHandler().name) as unknown[];
  return types.some((type) => typeof type === 'function' && type.prototype instanceof QueryDto);
}
