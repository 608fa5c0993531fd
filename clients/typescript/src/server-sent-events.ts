/** A message of a stream of server-sent events. */
export interface Message {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

/**
 * Parses a stream of server-sent events, without an incomplete last one.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 *
 * @param heard is called whenever anything arrives, including comments.
 */
export async function* messagesOf(
  body: ReadableStream<Uint8Array>,
  heard: () => void,
): AsyncGenerator<Message> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let begun = '';
  let message: Record<string, string> = {};
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    heard();
    const lines = (begun + decoder.decode(part.value, { stream: true })).split('\n');
    begun = lines.pop() ?? '';
    for (const line of lines) {
      const [, name, value = ''] = /^(\w+): ?(.*?)\r?$/.exec(line) ?? [];
      if (name !== undefined) message[name] = value;
      else if (line.trim() === '') {
        yield message;
        message = {};
      }
    }
  }
}
