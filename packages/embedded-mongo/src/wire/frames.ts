/** MongoDB's limit for one message. */
export const MAX_MESSAGE_BYTES = 48_000_000;
const HEADER_BYTES = 16;
const LENGTH_BYTES = 4;

/** The bytes are not messages of MongoDB's protocol, so the connection has to be closed. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Splits a stream of bytes into messages. Buffers at most the message it is waiting for. */
export class FrameReader {
  private chunks: Buffer[] = [];
  /** The bytes that the incomplete message has, and those that are needed to go on. */
  buffered = 0;
  private needed = LENGTH_BYTES;

  /** The messages that this chunk completes. Throws ProtocolError on an impossible length. */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    const messages: Buffer[] = [];
    if (this.buffered < this.needed) return messages;
    let rest = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    for (this.needed = lengthOf(rest); rest.length >= this.needed; this.needed = lengthOf(rest)) {
      messages.push(rest.subarray(0, this.needed));
      rest = rest.subarray(this.needed);
    }
    this.buffered = rest.length;
    this.chunks = rest.length === 0 ? [] : [Buffer.from(rest)];
    return messages;
  }
}

/** How long the message is that begins so; as long as that is unknown, how many bytes say it. */
function lengthOf(bytes: Buffer): number {
  if (bytes.length < LENGTH_BYTES) return LENGTH_BYTES;
  const length = bytes.readInt32LE(0);
  if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES)
    throw new ProtocolError(`a message claims to be ${length} bytes long`);
  return length;
}
