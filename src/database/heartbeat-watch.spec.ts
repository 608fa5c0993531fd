import { mkdtemp, rm } from 'node:fs/promises';
import { type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { EmbeddedMongo } from 'embedded-mongo';
import { HeartbeatWatch } from './heartbeat-watch.js';

/** Private parts of the driver: the connection that monitors each server. */
interface Insides {
  readonly topology: {
    readonly s: { readonly servers: Map<string, { monitor: { connection: { socket: Socket } } }> };
  };
}

let path: string;
let store: EmbeddedMongo;
let client: mongoose.mongo.MongoClient;
let watch: HeartbeatWatch | undefined;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'css-watch-'));
  store = await EmbeddedMongo.open({ path, listen: { host: '127.0.0.1', port: 0 } });
  client = new mongoose.mongo.MongoClient(store.uri, { heartbeatFrequencyMS: 500, connectTimeoutMS: 500 });
  await client.connect();
});
afterEach(async () => {
  watch?.stop();
  await client.close();
  await store.close();
  await rm(path, { recursive: true });
});

describe('HeartbeatWatch', () => {
  it('reports a server that the driver has lost for good, because it was closed at the moment of a heartbeat', async () => {
    client.once('serverHeartbeatStarted', () => {
      const [server] = (client as unknown as Insides).topology.s.servers.values();
      server?.monitor.connection.socket.destroy();
    });
    // If the driver notices it itself, it has been fixed, and HeartbeatWatch can go.
    const noticedBy = await new Promise<string>((resolve) => {
      client.once('serverHeartbeatFailed', () => {
        resolve('the driver');
      });
      watch = new HeartbeatWatch(client, (server) => {
        resolve(`the watch, at ${server}`);
      });
    });

    expect(noticedBy).toMatch(/^the watch, at 127\.0\.0\.1:\d+$/);
    expect(store.uri).toContain(noticedBy.slice('the watch, at '.length));
  });
});
