import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import {
  type StoreProcess,
  startStoreProcess,
} from '../../packages/embedded-mongo/test/support/store-process.js';
import { until } from '../support/until.js';

/*
 * A store that listens on TCP in a process of its own, and clients that violate its protocol. Meanwhile, a well-behaved
 * client writes and reads without an error; after each attack, the store's sockets are closed again.
 */

const LARGE = 'x'.repeat(7_000_000);

let path: string;
let store: StoreProcess;
let client: mongoose.mongo.MongoClient;
let port: number;
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'store-wire-'));
  store = await startStoreProcess(path, {
    listen: { host: '127.0.0.1', port: 0 },
    stallTimeoutMs: 1000,
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

const attacks: Record<string, () => Promise<void>> = {
  'sends bytes that are no message': async () => {
    const http = Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    for (const bytes of [
      Buffer.alloc(64),
      Buffer.alloc(64, 0xff),
      http,
      claiming(-1),
      claiming(48_000_001),
    ]) {
      const [socket] = (await openMany(1)) as [Socket];
      socket.write(bytes);
      await closed(socket);
    }
  },

  'asks on 20 connections and reads no answer': async () => {
    const before = cuts();
    const sockets = await openMany(20);
    for (const socket of sockets) {
      socket.pause();
      for (let times = 0; times < 3; times++) socket.write(message({ find: 'large' }));
    }
    await until(() => cuts() - before === sockets.length, 60_000);
    for (const socket of sockets) socket.destroy();
  },
};

/** How many connections the store has closed with a reason. */
function cuts(): number {
  return store.stderr().split('A connection was closed').length - 1;
}

async function descriptors(): Promise<number> {
  return (await readdir(`/proc/${store.pid}/fd`)).length;
}

describe('a store on TCP, beside a client that', () => {
  it.each(Object.entries(attacks))('%s', async (name, attack) => {
    const good = client.db('good').collection<{ name: string; n: number }>('good');
    await good.insertOne({ name, n: 0 });
    const resting = await descriptors();
    const over = new AbortController();
    const bystander = (async () => {
      for (let n = 1; !over.signal.aborted || n < 5; n++) {
        await good.insertOne({ name, n });
        expect(await good.findOne({ name, n })).toMatchObject({ name, n });
      }
    })();
    try {
      await attack();
    } finally {
      over.abort();
      await bystander;
    }
    // The driver may have opened connections for its pool, and two for monitoring.
    await until(async () => (await descriptors()) <= resting + 6, 60_000);
  });
});
