import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { openStore } from './support/open-store.js';

const messages = Number(process.env['FUZZ_MESSAGES'] ?? 20_000);
const atOnce = 40;
const { serialize, deserialize, Long, Double } = mongoose.mongo.BSON;

let store: Awaited<ReturnType<typeof openStore>>;
let socketPath: string;

beforeAll(async () => {
  store = await openStore();
  socketPath = decodeURIComponent(/\/\/(.*)\/\?/.exec(store.mongo.uri)?.[1] ?? '');
});
afterAll(() => store.close());

/** A generator with a seed (FUZZ_SEED), so that a failure can be reproduced. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now());
const random = randomFrom(seed);
const below = (n: number): number => Math.floor(random() * n);
const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;

const names = [
  'a',
  'b',
  '_id',
  'a.b',
  'a.0',
  '$set',
  '$unset',
  '$or',
  '$gt',
  '$in',
  '$[]',
  '',
  '__proto__',
  'constructor',
  '$regex',
];

const scalars = [
  0,
  1,
  -1,
  1.5,
  NaN,
  2 ** 31,
  'x',
  '',
  'a\0b',
  true,
  null,
  new Date(0),
  Long.MAX_VALUE,
  new Double(1),
  /x/i,
  new mongoose.mongo.ObjectId(),
  new mongoose.mongo.MinKey(),
  new mongoose.mongo.Timestamp({ t: 1, i: 1 }),
  Buffer.from('hi'),
];

function value(depth = 0): unknown {
  if (depth > 3 || random() < 0.5) return pick(scalars);
  if (random() < 0.3) return Array.from({ length: below(4) }, () => value(depth + 1));
  return object(depth + 1);
}

function object(depth = 0): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: below(4) }, () => [pick(names), value(depth)]));
}

/** Valid commands, with arguments that may be invalid. */
function command(): Record<string, unknown> {
  const c = pick(['c', 'd', 1, '']);
  const any = (): unknown => (random() < 0.2 ? value() : object());
  return pick<() => Record<string, unknown>>([
    () => ({ insert: c, documents: [any(), any()] }),
    () => ({ find: c, filter: any(), sort: any(), projection: any(), limit: value(3) }),
    () => ({ update: c, updates: [{ q: any(), u: any(), upsert: random() < 0.5, multi: random() < 0.5 }] }),
    () => ({
      findAndModify: c,
      query: any(),
      update: any(),
      upsert: random() < 0.5,
      new: true,
      fields: any(),
    }),
    () => ({ delete: c, deletes: [{ q: any(), limit: below(3) }] }),
    () => ({ aggregate: c, pipeline: [{ $match: any() }, { $group: any() }, any()], cursor: any() }),
    () => ({ createIndexes: c, indexes: [{ key: any(), name: 'n' }] }),
    () => ({ count: c, query: any() }),
    () => ({ getMore: value(), collection: c }),
    () => ({
      [pick([...names, 'ping', 'hello', 'listIndexes', 'listCollections', 'drop', 'killCursors'])]: value(),
    }),
  ])();
}

function message(body: Record<string, unknown>, flags = 0): Buffer {
  const bytes = serialize({ ...body, $db: 'fuzz' });
  const head = Buffer.alloc(21);
  head.writeInt32LE(21 + bytes.length, 0);
  head.writeInt32LE(below(2 ** 31), 4);
  head.writeInt32LE(2013, 12);
  head.writeUInt32LE(flags, 16);
  return Buffer.concat([head, bytes]);
}

/** Random bytes, complete commands, and commands that are cut, or have flipped bits or wrong lengths. */
function attack(): Buffer {
  const whole = message(command(), random() < 0.1 ? below(2 ** 32) : 0);
  const dice = random();
  if (dice < 0.1) return Buffer.from(Array.from({ length: below(200) }, () => below(256)));
  if (dice < 0.4) return whole;
  if (dice < 0.55) return whole.subarray(0, below(whole.length));
  const mutated = Buffer.from(whole);
  if (dice < 0.85) {
    for (let i = 0; i <= below(8); i++) mutated[16 + below(mutated.length - 16)] = below(256);
    return mutated;
  }
  mutated.writeInt32LE(
    pick([0, -1, 15, 16, 20, 21, 2 ** 31 - 1, 48_000_001, whole.length + 1, below(1000)]),
    pick([0, 21]),
  );
  return mutated;
}

/**
 * Sends the bytes on a separate connection, and waits until the store has replied, disconnected, or has nothing to
 * send.
 */
async function send(bytes: Buffer): Promise<void> {
  const socket = connect(socketPath);
  socket.on('error', () => socket.destroy());
  socket.end(bytes);
  socket.resume();
  await once(socket, 'close');
}

it(`lives through ${messages} random, cut and mutated messages (seed ${seed})`, async () => {
  const collection = store.client.db('healthy').collection<{ n: number }>('c');
  const attacks = { over: false };
  const neighbour = (async () => {
    let n = 0;
    for (; !attacks.over; n++) {
      await setTimeout(20); // its commands cost many times what an attack does
      await collection.insertOne({ n });
      expect(await collection.findOne({ n })).toMatchObject({ n });
    }
    return n;
  })();
  const attackUntil = async (count: number): Promise<void> => {
    let sent = 0;
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (sent++ < count) await send(attack());
      }),
    );
  };
  await attackUntil(messages / 4);
  const before = process.memoryUsage().rss;
  await attackUntil((messages * 3) / 4);
  const grown = process.memoryUsage().rss - before;
  attacks.over = true;
  expect(await neighbour).toBeGreaterThan(10);
  expect(grown).toBeLessThan(200 * 1024 * 1024);
  expect(store.lines.filter((line) => line.includes(' failed: '))).toEqual([]);
  expect(store.lines.length).toBeLessThan(messages);
}, 300_000);

it('refuses what is too large as MongoDB does', async () => {
  const collection = store.db.collection<{ s: string }>('large');
  await expect(collection.insertOne({ s: 'x'.repeat(16 * 1024 * 1024) })).rejects.toThrow('too large');
  const head = Buffer.alloc(16);
  head.writeInt32LE(48_000_001, 0);
  const before = store.lines.length;
  await send(head);
  expect(store.lines.slice(before)).toEqual([
    'A connection was closed: a message claims to be 48000001 bytes long.',
  ]);
});

it('accepts a message in many pieces, and sends no reply to moreToCome', async () => {
  const silent = message({ insert: 'silent', documents: [{ _id: 1 }] }, 2);
  const socket = connect(socketPath);
  await once(socket, 'connect');
  for (const byte of Buffer.concat([message({ ping: 1 }), silent, message({ count: 'silent' })]))
    socket.write(Buffer.of(byte));
  const chunks: Buffer[] = [];
  let replies: Record<string, unknown>[] = [];
  while (replies.length < 2) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    chunks.push(chunk);
    replies = split(Buffer.concat(chunks));
  }
  socket.destroy();
  expect(replies).toEqual([{ ok: 1 }, { n: 1, ok: 1 }]);
});

function split(bytes: Buffer): Record<string, unknown>[] {
  const replies: Record<string, unknown>[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += bytes.readInt32LE(at)) {
    if (at + bytes.readInt32LE(at) > bytes.length) break;
    replies.push(deserialize(bytes.subarray(at + 21, at + bytes.readInt32LE(at))));
  }
  return replies;
}
