import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Request } from 'express';
import { ValidationFailedError } from './domain-error.js';

/**
 * The sequence in a request's `Last-Event-ID`, which a client of server-sent events sends when it connects again;
 * undefined without one.
 *
 * @throws ValidationFailedError where it is no whole number.
 */
export const LastEventId = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const id = context.switchToHttp().getRequest<Request>().get('last-event-id');
  if (id === undefined) return undefined;
  if (!/^\d{1,15}$/.test(id)) {
    const message = 'Last-Event-ID must be the sequence of an event';
    throw new ValidationFailedError([{ field: 'Last-Event-ID', message }]);
  }
  return Number(id);
});
