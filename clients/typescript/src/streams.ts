import { createParser, type EventSourceMessage } from 'eventsource-parser';

/**
 * The text of a body as it comes.
 *
 * @param heard is called whenever anything arrives.
 */
export async function* textOf({ body }: Response, heard: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  if (!body) return;
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array>; // Safari has no asynchronous iteration of a stream
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    heard();
    yield decoder.decode(part.value, { stream: true });
  }
}

/** The server-sent events of a body, without an incomplete last one. */
export async function* messagesOf(response: Response, heard: () => void): AsyncGenerator<EventSourceMessage> {
  const messages: EventSourceMessage[] = [];
  const parser = createParser({
    onEvent: (message) => {
      messages.push(message);
    },
  });
  for await (const text of textOf(response, heard)) {
    parser.feed(text);
    yield* messages.splice(0);
  }
}

/** The lines of a body, which end by `\n` and nothing else: JSON has U+2028 and the like in its texts. */
export async function* linesOf(response: Response, heard: () => void): AsyncGenerator<string> {
  let begun = '';
  for await (const text of textOf(response, heard)) {
    const lines = (begun + text).split('\n');
    begun = lines.pop() ?? '';
    yield* lines;
  }
  if (begun !== '') yield begun;
}
