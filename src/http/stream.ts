import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Response } from 'express';

/**
 * Answers with a stream of texts, until they end or the client leaves. Of what the client has not taken, no more is asked
 * for than the next one. Where the texts throw, the connection breaks off: nobody takes a part of it for the whole.
 *
 * @param begin gives the texts; where it throws, nothing is sent yet. Not called for HEAD, which gets the head alone.
 */
export async function sendStream(
  response: Response,
  contentType: string,
  begin: () => AsyncIterable<string>,
): Promise<void> {
  const texts = response.req.method === 'HEAD' ? undefined : begin();
  response.setHeader('Content-Type', contentType);
  response.setHeader('X-Accel-Buffering', 'no'); // nginx would collect what is sent
  response.flushHeaders(); // so that the client knows that it is heard
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
