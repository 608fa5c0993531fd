import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Response } from 'express';

/**
 * Answers with a stream of texts, until they end or the client leaves. While the client does not read, at most one
 * further text is requested. If the texts throw, the connection is cut, so that nobody takes a part for the whole.
 *
 * @param begin returns the texts; if it throws, nothing has been sent. Not called for HEAD, which gets only the head.
 */
export async function sendStream(
  response: Response,
  contentType: string,
  begin: () => AsyncIterable<string>,
): Promise<void> {
  const texts = response.req.method === 'HEAD' ? undefined : begin();
  response.setHeader('Content-Type', contentType);
  response.setHeader('X-Accel-Buffering', 'no'); // nginx would buffer the stream
  response.flushHeaders(); // so that the client knows that its request has arrived
  if (!texts) {
    response.end();
    return;
  }
  try {
    await pipeline(Readable.from(texts, { highWaterMark: 1 }), response);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
