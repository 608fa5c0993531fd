/** MongoDB's limit for one message. */
export const MAX_MESSAGE_BYTES = 48_000_000;
const HEADER_BYTES = 16;

/** Memory allocated at once for an announced message; the rest is allocated as its bytes arrive. */
const FIRST_BYTES = 1024 * 1024;

const NOTHING = Buffer.alloc(0);

/** The bytes are not messages of MongoDB's protocol, so the connection has to be closed. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Splits a stream of bytes into messages. Buffers at most the message it is waiting for, however small the chunks. */
export class FrameReader {
  private unfinished = NOTHING;
  /** Bytes of the incomplete message. */
  buffered = 0;

  /** The messages that this chunk completes. Throws ProtocolError on an impossible length. */
  push(chunk: Buffer): Buffer[] {
    const bytes = this.buffered === 0 ? chunk : this.appended(chunk);
    const messages: Buffer[] = [];
    let at = 0;
    while (bytes.length - at >= 4) {
      const length = bytes.readInt32LE(at);
      if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES)
        throw new ProtocolError(`a message claims to be ${length} bytes long`);
      if (bytes.length - at < length) break;
      messages.push(bytes.subarray(at, at + length));
      at += length;
    }
    this.buffered = bytes.length - at;
    if (this.buffered === 0) this.unfinished = NOTHING;
    else if (bytes === chunk || at > 0) this.unfinished = Buffer.from(bytes.subarray(at));
    return messages;
  }

  private appended(chunk: Buffer): Buffer {
    const size = this.buffered + chunk.length;
    if (size > this.unfinished.length) {
      const room = this.buffered < 4 ? 0 : Math.min(this.unfinished.readInt32LE(0), FIRST_BYTES);
      const larger = Buffer.allocUnsafe(Math.max(size, room, 2 * this.buffered));
      this.unfinished.copy(larger, 0, 0, this.buffered);
      this.unfinished = larger;
    }
    chunk.copy(this.unfinished, this.buffered);
    return this.unfinished.subarray(0, size);
  }
}
