import { type Response } from 'express';
import { type Admission } from './admission.js';

/** The lowest status of an error. */
const FIRST_ERROR = 400;

/**
 * Makes every answer count towards the bytes under way until its client has taken it, and ends JSON with a line break,
 * as a line in a terminal. An answer to a request that is over, its deadline passed, is not even serialised.
 *
 * By the way that Express has for it: https://expressjs.com/en/guide/overriding-express-api.html. An interceptor of
 * Nest would cost a quarter of an append.
 */
export function countAnswers({ response: answers }: { response: Response }, admission: Admission): void {
  const send = answers.send as (this: Response, body?: unknown) => Response;
  const admit = (response: Response, bytes: number) => {
    if (response.statusCode < FIRST_ERROR) admission.answer(response, bytes); // those are small, and always told
  };
  answers.send = function (this: Response, body?: unknown) {
    if (this.writableEnded) return this;
    if (typeof body === 'string') admit(this, Buffer.byteLength(body));
    return send.call(this, body);
  };
  answers.json = function (this: Response, body?: unknown) {
    if (this.writableEnded) return this;
    const text = `${JSON.stringify(body)}\n`;
    const length = Buffer.byteLength(text);
    admit(this, length);
    this.setHeader('Content-Type', 'application/json; charset=utf-8');
    this.setHeader('Content-Length', length);
    return this.end(text);
  };
}
