import {
  HttpStatus,
  Injectable,
  UseInterceptors,
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Request, type Response } from 'express';
import { map, type Observable } from 'rxjs';
import { ApiWrite } from '../openapi/api-write.js';
import { type WriteResult } from '../write-result.js';
import { readHandling } from './prefer-header.js';

interface WriteAnswer {
  /** What is answered; for OpenAPI. */
  readonly type: Type<unknown>;
  /** The status where this very request made the change; a replay is always 200. */
  readonly createdStatus: HttpStatus;
  /** Whether the endpoint reads `Prefer: handling`, and says so in `Preference-Applied`. */
  readonly honoursHandling: boolean;
  /** Where the new resource can be read, for `Location`. */
  readonly location?: (resource: never) => string;
}

const WriteAnswer = Reflector.createDecorator<WriteAnswer>();

/** Turns a handler's `WriteResult` into status, headers and body. */
@Injectable()
export class WriteResultInterceptor implements NestInterceptor<WriteResult<unknown>, unknown> {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler<WriteResult<unknown>>): Observable<unknown> {
    const http = context.switchToHttp();
    const response = http.getResponse<Response>();
    const answer = this.reflector.get(WriteAnswer, context.getHandler());
    // Set before the handler runs, so that the error it may end in carries it too.
    if (answer.honoursHandling && readHandling(http.getRequest<Request>().get('prefer')) === 'strict') {
      response.setHeader('Preference-Applied', 'handling=strict');
    }
    return next.handle().pipe(
      map(({ resource, created, differs }) => {
        response.status(created ? answer.createdStatus : HttpStatus.OK);
        if (created && answer.location) response.setHeader('Location', answer.location(resource as never));
        if (!created) response.setHeader('Idempotent-Replayed', 'true');
        if (differs) response.setHeader('Idempotent-Mismatch', 'true');
        return resource;
      }),
    );
  }
}

/** Declares how a handler that returns a `WriteResult` is answered, and says so in OpenAPI. */
export function AnswersWrite(answer: WriteAnswer): MethodDecorator {
  return applyDecorators(WriteAnswer(answer), UseInterceptors(WriteResultInterceptor), ApiWrite(answer));
}
