import { StreamableFile } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { type Response } from 'express';
import { Answer } from './answer.js';

/**
 * Nest's adapter for Express, with a shorter way for what handlers return.
 *
 * An `Answer` sets its own status and headers here, where Nest would have an interceptor do it: a single interceptor
 * on a route takes it through a dozen observables, which cost a quarter of an append.
 *
 * Objects are sent without `response.json`, which looks up five settings of the application, parses the content type
 * it has just set, and asks whether the client has the answer already, which without ETags it never has.
 */
export class AnswerAdapter extends ExpressAdapter {
  override reply(response: Response, result: unknown, statusCode?: number): unknown {
    if (response.headersSent) return response; // its deadline was sooner
    const body = result instanceof Answer ? result.writeHead(response) : result;
    if (typeof body !== 'object' || body === null || body instanceof StreamableFile) {
      return super.reply(response, body, statusCode) as unknown;
    }
    if (statusCode !== undefined) response.statusCode = statusCode;
    const text = JSON.stringify(body);
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.setHeader('Content-Length', Buffer.byteLength(text));
    response.end(text);
    return response;
  }
}
