import { createRequire } from 'node:module';

/** The size of a message's header in MongoDB's protocol, and the most bytes that a server accepts or sends. */
const [LEAST, MOST] = [16, 48_000_000];

/** The driver's class that splits a stream of bytes into messages; the package does not export it. */
interface BufferPool {
  getInt32(): number | null;
}

/**
 * Makes the driver close a connection whose messages have impossible sizes, because the server is not a MongoDB, or
 * something on the way garbles the data.
 *
 * The driver itself rejects only negative sizes (`SizedMessageTransform` in `cmap/connection.ts`). It takes a size of
 * zero for a complete message, over and over in one turn of the event loop, until the memory is full; for a size of two
 * gigabytes it waits. This affects `mongodb` 7.5 to 7.8. It can go when the test with a server that is not a MongoDB
 * passes without it.
 */
export function refuseImpossibleSizes(): void {
  const ofMongoose = createRequire(createRequire(import.meta.url).resolve('mongoose'));
  const { BufferPool } = ofMongoose('mongodb/lib/utils') as { BufferPool: { prototype: BufferPool } };
  const sizeIn = Object.getOwnPropertyDescriptor(BufferPool.prototype, 'getInt32')
    ?.value as BufferPool['getInt32'];
  BufferPool.prototype.getInt32 = function (this: BufferPool) {
    const size = sizeIn.call(this);
    return size === null || (size >= LEAST && size <= MOST) ? size : -1;
  };
}
