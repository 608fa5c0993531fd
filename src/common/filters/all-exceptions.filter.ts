import {
  Catch,
  HttpException,
  Logger,
  NotFoundException,
  type ArgumentsHost,
  type ExceptionFilter,
  type HttpServer,
} from '@nestjs/common';
import { type Request, type Response } from 'express';
import { DomainError, errorBody } from '../errors/domain-error.js';
import { errorCatalogue } from '../errors/error-catalogue.js';
import { DeadlineError } from '../http/deadline.js';
import { endTurn } from '../http/limits.js';
import { requestIdOf } from '../http/request-log.js';
import { allowedMethods } from '../http/routes.js';

/** Translates an error of another library, such as the database driver, into a domain error; undefined if unknown. */
export type ErrorTranslator = (error: unknown) => DomainError | undefined;

/** Turns every error into a response. */
@Catch()
export class AllExceptionsFilter implements ExceptionFilter {
  private readonly logger = new Logger('Errors');

  constructor(
    private readonly translate: ErrorTranslator,
    private readonly adapter: HttpServer,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (!(thrown instanceof DeadlineError)) endTurn(response); // its handler is done
    if (response.writableEnded) return; // its deadline has answered it
    const error = this.toDomainError(thrown, request);
    response.locals['code'] = error.code; // for the request's line in the log
    this.log(error, requestIdOf(response));
    if (response.headersSent) {
      response.destroy(); // a started response can't be taken back, and the client must not take it for complete
      return;
    }
    response.set(error.headers);
    const body = errorBody(error, {
      path: request.originalUrl,
      method: request.method,
      requestId: requestIdOf(response),
    });
    this.adapter.reply(response, body, body.statusCode);
  }

  private toDomainError(thrown: unknown, request: Request): DomainError {
    if (thrown instanceof DomainError) return thrown;
    return (
      this.translate(thrown) ??
      (thrown instanceof NotFoundException ? noRoute(request) : undefined) ??
      fromHttp(thrown) ??
      new DomainError('INTERNAL', 'Internal server error', { cause: thrown })
    );
  }

  private log(error: DomainError, requestId: string): void {
    const level = errorCatalogue[error.code].logLevel;
    const cause = error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : error.cause;
    this.logger[level]({
      req: { id: requestId },
      code: error.code,
      message: error.message,
      ...(cause !== undefined && { cause }),
    });
  }
}

/** Nest throws its own NotFoundException only if no route matches the request. */
function noRoute(request: Request): DomainError {
  const methods = allowedMethods(request.app, request.path);
  return methods.length > 0
    ? new DomainError(
        'METHOD_NOT_ALLOWED',
        `${request.method} is not possible here, only ${methods.join(', ')}`,
        {
          headers: { Allow: methods.join(', ') },
        },
      )
    : new DomainError('ROUTE_NOT_FOUND', `There is nothing at ${request.path}`);
}

/**
 * The domain error for errors of Express, such as a path that can't be decoded, or a range (416) or condition (412) for a
 * file of the documentation. Nest turns some of them into its own exceptions.
 */
function fromHttp(thrown: unknown): DomainError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const status =
    thrown instanceof HttpException ? thrown.getStatus() : Number((thrown as { status?: unknown }).status);
  return status >= 400 && status < 500
    ? new DomainError('BAD_REQUEST', thrown.message, { cause: thrown })
    : undefined;
}
