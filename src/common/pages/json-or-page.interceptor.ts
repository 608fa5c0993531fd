import {
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
import { ApiJsonOrPage } from '../openapi/api-page.js';
import { pageFor, prefersPage, type Page } from './page.js';

/** Draws what a handler answers as a page. */
export type PageOf<T> = (answer: T, request: Request) => Page;

const PageView = Reflector.createDecorator<PageOf<never>>();

/** Answers a browser with a page, and everyone else with JSON. */
@Injectable()
export class JsonOrPageInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    response.vary('Accept');
    if (!prefersPage(request)) return next.handle();
    const pageOf = this.reflector.get(PageView, context.getHandler());
    return next.handle().pipe(map((answer) => pageFor(response, pageOf(answer as never, request))));
  }
}

/** Declares that a handler's answer, JSON otherwise, is a page for a browser; and says so in OpenAPI. */
export function AnswersPage<T>(type: Type<T>, pageOf: PageOf<T>): MethodDecorator {
  return applyDecorators(PageView(pageOf), UseInterceptors(JsonOrPageInterceptor), ApiJsonOrPage(type));
}
