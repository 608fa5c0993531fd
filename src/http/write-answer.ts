import { HttpCode, HttpStatus, applyDecorators } from '@nestjs/common';
import { type Response } from 'express';
import { ApiWrite, type Write } from '../openapi/api-write.js';
import { type WriteResult } from './write-result.js';
import { Answer } from './answer.js';

/** Answers a write: the resource, and in status and headers whether this very request made it. */
export class WriteAnswer<T extends object> extends Answer {
  /** @param location where a new resource can be read. */
  constructor(
    private readonly result: WriteResult<T>,
    private readonly location?: string,
  ) {
    super();
  }

  override writeHead(response: Response): T {
    const { resource, created, differs } = this.result;
    if (!created) {
      response.statusCode = HttpStatus.OK;
      response.setHeader('Idempotent-Replayed', 'true');
    } else if (this.location !== undefined) {
      response.setHeader('Location', this.location);
    }
    if (differs) response.setHeader('Idempotent-Mismatch', 'true');
    return resource;
  }
}

/** Declares how a handler that returns a `WriteAnswer` answers. */
export function AnswersWrite(write: Write): MethodDecorator {
  return applyDecorators(HttpCode(write.createdStatus), ApiWrite(write));
}
