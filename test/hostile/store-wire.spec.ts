import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import {
  type StoreProcess,
  startStoreProcess,
} from '../../packages/embedded-mongo/test/support/store-process.js';
import { until } from '../support/until.js';

/*
 * A store that listens on TCP in a process of its own. What violates its protocol, its package tests; this is a client that
 * takes memory, and a well-behaved one beside it. After that, the store's sockets are closed again.
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

async function open(): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** How many connections the store has closed with a reason. */
function cuts(): number {
  return store.stderr().split('A connection was closed').length - 1;
}

async function descriptors(): Promise<number> {
  return (await readdir(`/proc/${store.pid}/fd`)).length;
}

it('a store on TCP serves others beside a client that asks on 20 connections and reads no answer', async () => {
  const good = client.db('good').collection<{ n: number }>('good');
  await good.insertOne({ n: 0 });
  const resting = await descriptors();
  const over = new AbortController();
  const bystander = (async () => {
    for (let n = 1; !over.signal.aborted || n < 5; n++) {
      await good.insertOne({ n });
      expect(await good.findOne({ n })).toMatchObject({ n });
    }
  })();
  const sockets = await Promise.all(Array.from({ length: 20 }, open));
  try {
    for (const socket of sockets) {
      socket.pause();
      for (let times = 0; times < 3; times++) socket.write(message({ find: 'large' }));
    }
    await until(() => cuts() === sockets.length, 60_000);
  } finally {
    over.abort();
    await bystander;
    for (const socket of sockets) socket.destroy();
  }
  // The driver may have opened connections for its pool, and two for monitoring.
  await until(async () => (await descriptors()) <= resting + 6, 60_000);
});
