import { type Response } from 'express';
import { isOver } from './connections.js';
import { holdBytes } from './limits.js';

/**
 * Answers with a stream of texts, until they end or the client leaves. While the client does not read, no further text
 * is requested, and what is unsent counts as the request's bytes. If the texts throw, or the bytes do not fit, the
 * connection is cut, so that nobody takes a part for the whole.
 *
 * @param begin returns the texts; if it throws, nothing has been sent. Not called for HEAD, which gets only the head.
 */
export async function sendStream(
  response: Response,
  contentType: string,
  begin: () => AsyncIterable<string>,
): Promise<void> {
  const texts = response.req.method === 'HEAD' ? [] : begin();
  response.setHeader('Content-Type', contentType);
  response.setHeader('X-Accel-Buffering', 'no'); // nginx would buffer the stream
  response.flushHeaders(); // so that the client knows that its request has arrived
  for await (const text of texts) {
    if (isOver(response)) return;
    if (response.write(text)) continue;
    holdBytes(response, response.writableLength);
    await drained(response);
    holdBytes(response, 0);
  }
  response.end();
}

/** Waits until everything is sent, or the client has left. */
function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    if (isOver(response)) resolve();
    else response.on('drain', done).on('close', done);
  });
}
