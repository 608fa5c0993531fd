import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import {
  type StoreProcess,
  startStoreProcess,
} from '../../packages/embedded-mongo/test/support/store-process.js';
import { until } from '../support/until.js';

/*
 * A store that listens on TCP in a process of its own, and clients that violate its protocol. Meanwhile, a well-behaved
 * client writes and reads without an error; after each attack, the store's sockets and its memory are free again.
 */

const STALL_TIMEOUT_MS = 1_000;
const LARGE = 'x'.repeat(7_000_000);

/** The longest command of the well-behaved client, on a busy machine. */
const MOST_MS = 15_000;
/** The memory that the allocator of a process keeps after an attack for reuse. */
const KEPT_MEGABYTES = 450;

let path: string;
let store: StoreProcess;
let client: mongoose.mongo.MongoClient;
let port: number;
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'store-wire-'));
  store = await startStoreProcess(path, {
    listen: { host: '127.0.0.1', port: 0 },
    stallTimeoutMs: STALL_TIMEOUT_MS,
  });
  port = Number(new URL(store.uri).port);
  client = new mongoose.mongo.MongoClient(store.uri, { maxPoolSize: 4 });
  await client.db('good').collection<{ large: string }>('large').insertOne({ large: LARGE });
});
afterAll(async () => {
  await client.close();
  await store.kill();
  await rm(path, { recursive: true, force: true });
});

function message(body: Record<string, unknown>): Buffer {
  const bytes = mongoose.mongo.BSON.serialize({ ...body, $db: 'good' });
  const head = Buffer.alloc(21);
  head.writeInt32LE(head.length + bytes.length, 0);
  head.writeInt32LE(2013, 12);
  return Buffer.concat([head, bytes]);
}

/** The start of a message with this announced length. */
function claiming(length: number): Buffer {
  const head = message({ ping: 1 });
  head.writeInt32LE(length, 0);
  return head;
}

/** Documents nested to this depth. */
function nested(levels: number): Buffer {
  const bytes = Buffer.alloc(21 + 8 * levels + 5);
  for (let level = 0; level < levels; level++) {
    const at = 21 + 7 * level;
    bytes.writeInt32LE(8 * (levels - level) + 5, at);
    bytes.write('\x03a\0', at + 4, 'latin1');
  }
  bytes.writeInt32LE(5, 21 + 7 * levels);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(2013, 12);
  return bytes;
}

async function open(): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

function openMany(count: number): Promise<Socket[]> {
  return Promise.all(Array.from({ length: count }, open));
}

/** Resolves when the store has closed the connection. */
function closed(socket: Socket): Promise<void> {
  socket.resume();
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.on('close', resolve);
  });
}

const ask = message({ find: 'large' });

/** Requests a large reply this many times and reads none of it. */
function askAndLeave(socket: Socket, times: number): Socket {
  socket.pause();
  for (let i = 0; i < times; i++) socket.write(ask);
  return socket;
}

const attacks: Record<string, () => Promise<void>> = {
  'sends bytes that are no message': async () => {
    const broken = [
      Buffer.alloc(64),
      Buffer.alloc(64, 0xff),
      Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
      claiming(15),
      claiming(-1),
      claiming(48_000_001),
      claiming(2 ** 31 - 1),
      nested(100_000),
    ];
    for (const bytes of broken) {
      const socket = await open();
      socket.write(bytes);
      await closed(socket);
    }
  },

  'ends in the middle of a message': async () => {
    const whole = message({ insert: 'truncated', documents: [{ a: 1 }] });
    for (let end = 1; end < whole.length; end += 7) {
      const socket = await open();
      socket.end(whole.subarray(0, end));
      await closed(socket);
    }
    expect(await client.db('good').collection('truncated').countDocuments()).toBe(0);
  },

  'announces large messages and stops half way': async () => {
    const sockets = await openMany(40);
    const half = Buffer.concat([claiming(40_000_000), Buffer.alloc(15_000_000)]);
    await Promise.all(
      sockets.map(async (socket) => {
        socket.write(half);
        await closed(socket);
      }),
    );
  },

  'sends a message byte by byte, and never its end': async () => {
    const sockets = await openMany(20);
    const slow = claiming(1_000_000);
    for (let at = 0; at < 60; at++) {
      for (const socket of sockets) socket.write(slow.subarray(at, at + 1));
      await sleep(5);
    }
    await Promise.all(sockets.map(closed));
  },

  'opens a thousand connections and says nothing': async () => {
    const sockets = await openMany(1_000);
    await sleep(2 * STALL_TIMEOUT_MS);
    // Idle connections are allowed, and are answered when they send something.
    const [first] = sockets as [Socket];
    expect(sockets.filter((socket) => socket.readableEnded || socket.destroyed)).toEqual([]);
    first.write(message({ ping: 1 }));
    await once(first, 'data');
    for (const socket of sockets) socket.destroy();
  },

  'asks on 200 connections and reads no answer': async () => {
    const before = cuts();
    const sockets = await openMany(200);
    for (const socket of sockets) askAndLeave(socket, 3);
    await until(() => cuts() - before === sockets.length, 20_000);
    for (const socket of sockets) socket.destroy();
  },

  'asks 2,000 times on one connection and reads no answer': async () => {
    const before = cuts();
    const socket = askAndLeave(await open(), 2_000);
    await until(() => cuts() > before, 20_000);
    socket.destroy();
  },

  'asks and goes away': async () => {
    for (let i = 0; i < 100; i++) askAndLeave(await open(), 20).destroy();
  },
};

async function megabytes(): Promise<number> {
  const status = await readFile(`/proc/${store.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

async function descriptors(): Promise<number> {
  return (await readdir(`/proc/${store.pid}/fd`)).length;
}

/** The number of connections that the store has closed with a reason. */
function cuts(): number {
  return store.stderr().split('A connection was closed').length - 1;
}

const rows: string[] = [];
afterAll(() => {
  console.log(['| client | good commands | slowest | memory, before → most → after |', ...rows].join('\n'));
});

describe('a store on TCP, beside a client that', () => {
  it.each(Object.entries(attacks))('%s', async (name, attack) => {
    const good = client.db('good').collection<{ name: string; n: number }>('good');
    await good.insertOne({ name, n: 0 });
    const resting = await descriptors();
    const before = await megabytes();
    const seen = { over: false, done: 0, slowest: 0, most: before };
    const bystander = (async () => {
      for (let n = 1; !seen.over || n < 5; n++) {
        const start = performance.now();
        await good.insertOne({ name, n });
        expect(await good.findOne({ name, n })).toMatchObject({ name, n });
        seen.slowest = Math.max(seen.slowest, performance.now() - start);
        seen.most = Math.max(seen.most, await megabytes());
        seen.done = n;
        await sleep(50);
      }
    })();
    try {
      await attack();
    } finally {
      seen.over = true;
      await bystander;
    }
    // The driver may have opened connections for its pool, and two for monitoring.
    await until(async () => (await descriptors()) <= resting + 6, 60_000);
    // Freed memory is returned when V8 collects, which requests with large replies cause.
    await until(async () => {
      await client.db('good').collection('large').findOne();
      return (await megabytes()) < before + KEPT_MEGABYTES;
    }, 60_000);
    const after = await megabytes();
    rows.push(
      `| ${name} | ${seen.done} | ${Math.round(seen.slowest)} ms | ${[before, seen.most, after].map(Math.round).join(' → ')} MB |`,
    );
    expect(seen.slowest).toBeLessThan(MOST_MS);
    expect(seen.most - before).toBeLessThan(2 * KEPT_MEGABYTES);
    expect(store.stderr()).not.toContain(' failed: ');
  });
});
