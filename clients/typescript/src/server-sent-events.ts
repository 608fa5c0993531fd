/** A message of a stream of server-sent events. */
export interface Message {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

/**
 * Reads a stream of server-sent events as far as it is whole. https://html.spec.whatwg.org/multipage/server-sent-events.html
 *
 * @param heard is called whenever something comes, be it a comment.
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
