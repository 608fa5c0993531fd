import { type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/internal.js';
import { type Request } from 'express';
import { isAboutSessions } from '../http/routes.js';
import { ValidationFailedError } from '../errors/domain-error.js';
import { unknownFields } from './request-validation.pipe.js';

const NO_FIELDS: ReadonlySet<string> = new Set();

/**
 * Refuses every query parameter of a request about sessions whose handler takes no `@Query()`; of the others, their DTO
 * decides. If parameters were ignored, a client would think that its `?dryRun=true` or `?limit=10` was heeded. Probes
 * may have any: monitors add some against caches.
 */
export class UnknownQueryGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    if (!request.url.includes('?') || !isAboutSessions(request) || takesQuery(context)) return true;
    const [first, ...others] = unknownFields(request.query, NO_FIELDS);
    if (first) throw new ValidationFailedError([first, ...others]);
    return true;
  }
}

/** Whether a handler has a parameter for the query, by the keys of Nest's metadata: the parameter's kind and its index. */
function takesQuery(context: ExecutionContext): boolean {
  const parameters = Reflect.getMetadata(
    ROUTE_ARGS_METADATA,
    context.getClass(),
    context.getHandler().name,
  ) as object | undefined;
  return Object.keys(parameters ?? {}).some((key) => key.startsWith(`${RouteParamtypes.QUERY}:`));
}
