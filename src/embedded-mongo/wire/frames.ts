/** MongoDB's limit for one message. */
export const MAX_MESSAGE_BYTES = 48_000_000;
const HEADER_BYTES = 16;

/** The bytes are no messages of MongoDB's protocol: the connection can't go on. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Cuts a stream of bytes into messages. Holds no more than the message it is waiting for. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private buffered = 0;
  private needed = 4;

  /** The messages that are complete with this chunk. Throws ProtocolError at an impossible length. */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    const messages: Buffer[] = [];
    while (this.buffered >= this.needed) {
      const bytes = this.chunks.length === 1 ? (this.chunks[0] ?? chunk) : Buffer.concat(this.chunks);
      const length = bytes.readInt32LE(0);
      if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
        throw new ProtocolError(`a message claims to be ${length} bytes long`);
      }
      if (bytes.length < length) {
        this.chunks = [bytes];
        this.needed = length;
        break;
      }
      messages.push(bytes.subarray(0, length));
      this.chunks = bytes.length > length ? [bytes.subarray(length)] : [];
      this.buffered = bytes.length - length;
      this.needed = 4;
    }
    return messages;
  }
}
