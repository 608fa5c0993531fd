import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Response } from 'express';

/** An event as it is written in a stream: https://html.spec.whatwg.org/multipage/server-sent-events.html. */
export function serverSentEvent(name: string, data: object, id?: number): string {
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    `event: ${name}`,
    `data: ${JSON.stringify(data)}`,
  ];
  return `${lines.join('\n')}\n\n`; // JSON.stringify writes one line
}

/** What no client hears of, but every proxy on the way. */
export function comment(text: string): string {
  return `: ${text}\n\n`;
}

/**
 * Answers with a stream of server-sent events, until they end or the client leaves. Of what the client has not taken, no
 * more is asked of the frames than the next one. Nest's own `@Sse` can do neither this nor answer 204.
 *
 * @param begin gives the frames; where it throws, nothing is sent yet. Not called for HEAD, which gets the head alone.
 */
export async function sendEventStream(response: Response, begin: () => AsyncIterable<string>): Promise<void> {
  const frames = response.req.method === 'HEAD' ? undefined : begin();
  response.setHeader('Content-Type', 'text/event-stream');
  response.setHeader('X-Accel-Buffering', 'no'); // nginx would collect what is sent
  response.flushHeaders(); // so that the client knows that it is heard
  if (!frames) {
    response.end();
    return;
  }
  try {
    await pipeline(Readable.from(frames, { highWaterMark: 1 }), response);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
