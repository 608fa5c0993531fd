import { createRequire } from 'node:module';

/** A message of MongoDB's protocol has a header of so many bytes, and a server takes and gives no more than so many. */
const [LEAST, MOST] = [16, 48_000_000];

/** The driver's class that cuts a stream of bytes into messages; the package does not export it. */
interface BufferPool {
  getInt32(): number | null;
}

/**
 * Makes the driver give up a connection whose messages have impossible sizes: of a server that is no MongoDB, or behind
 * something that garbles what it carries.
 *
 * By itself it looks for negative ones only (`SizedMessageTransform` in `cmap/connection.ts`): a size of zero it takes
 * for a message that is there already, again and again in one turn of the event loop, until the memory is full; with
 * one of two gigabytes it waits for them. So `mongodb` 7.5 to 7.8. This can go when the test of a server that is no
 * MongoDB passes without it.
 */
export function refuseImpossibleSizes(): void {
  const ofMongoose = createRequire(createRequire(import.meta.url).resolve('mongoose'));
  const { BufferPool } = ofMongoose('mongodb/lib/utils') as { BufferPool: { prototype: BufferPool } };
  const sizeIn = Object.getOwnPropertyDescriptor(BufferPool.prototype, 'getInt32')?.value as () =>
    number | null;
  BufferPool.prototype.getInt32 = function (this: BufferPool) {
    const size = sizeIn.call(this);
    return size === null || (size >= LEAST && size <= MOST) ? size : -1;
  };
}
