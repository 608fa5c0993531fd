import { type Response } from 'express';
import { type Admission } from './admission.js';

/** The lowest status of an error. */
const FIRST_ERROR = 400;

/**
 * Counts every response towards the bytes under way until its client has read it, and ends JSON with a line break, for
 * terminals. A response to a request that is over, because its deadline has passed, is not even serialised.
 *
 * It overrides the response's methods as Express documents: https://expressjs.com/en/guide/overriding-express-api.html.
 * An interceptor of Nest would cost a quarter of an append.
 */
export function countResponses({ response: prototype }: { response: Response }, admission: Admission): void {
  const send = prototype.send as (this: Response, body?: unknown) => Response;
  const admit = (response: Response, bytes: number) => {
    if (response.statusCode < FIRST_ERROR) admission.answer(response, bytes); // errors are small, and always sent
  };
  prototype.send = function (this: Response, body?: unknown) {
    if (this.writableEnded) return this;
    if (typeof body === 'string') admit(this, Buffer.byteLength(body));
    return send.call(this, body);
  };
  prototype.json = function (this: Response, body?: unknown) {
    if (this.writableEnded) return this;
    const text = `${JSON.stringify(body)}\n`;
    const length = Buffer.byteLength(text);
    admit(this, length);
    this.setHeader('Content-Type', 'application/json; charset=utf-8');
    this.setHeader('Content-Length', length);
    return this.end(text);
  };
}
