// The bare limit: the most that one Node process can do with the same store and equally durable writes. `node:http` and
// the driver alone: no framework, no validation, hardly any error handling, no lanes.
import { createServer } from 'node:http';
import process from 'node:process';
import mongoose from 'mongoose';
import { EmbeddedMongo } from '../dist/embedded-mongo/index.js';
import { completeUri } from '../dist/database/connection-options.js';

const { DATA_DIR = './data', MONGODB_URI, PORT = '0' } = process.env;
const store = MONGODB_URI ? undefined : await EmbeddedMongo.open({ path: DATA_DIR });
const client = await new mongoose.mongo.MongoClient(completeUri(MONGODB_URI ?? store.uri, 5000)).connect();
const database = client.db(MONGODB_URI ? undefined : 'conversations');
const sessions = database.collection('sessions');
const events = database.collection('events');
await sessions.createIndex({ sessionId: 1 }, { unique: true });
await sessions.createIndex({ startedAt: 1, sessionId: 1 });
await events.createIndex({ sessionId: 1, eventId: 1 }, { unique: true });
await events.createIndex({ sessionId: 1, sequence: 1 }, { unique: true });
await events.createIndex({ sessionId: 1, timestamp: 1, sequence: 1 });

const tails = new Map();
const followers = new Map();

/** A write without effect fails the benchmark, so that it does not count as a fast request. */
const found = (document) => [document ? 200 : 404, document];

async function create(body) {
  const session = { ...body, status: 'initiated', startedAt: new Date(), endedAt: null, finalSequence: null };
  try {
    await sessions.insertOne(session);
    return [201, session];
  } catch {
    return found(await sessions.findOne({ sessionId: body.sessionId }));
  }
}

function eventOf(sessionId, body) {
  const now = new Date();
  const sequence = (tails.get(sessionId) ?? 0) + 1;
  tails.set(sessionId, sequence);
  return { ...body, sessionId, sequence, timestamp: now, receivedAt: now };
}

async function append(sessionId, body) {
  const event = eventOf(sessionId, body);
  const { sequence } = event;
  try {
    await events.insertOne(event);
    tell(sessionId, event);
    return [201, event];
  } catch {
    tails.set(sessionId, sequence - 1);
    return found(await events.findOne({ sessionId, eventId: body.eventId }));
  }
}

async function appendBatch(sessionId, bodies) {
  const batch = bodies.map((body) => eventOf(sessionId, body));
  await events.insertMany(batch);
  return [201, { results: batch.map((event) => ({ status: 201, event })) }];
}

/** Sends an event to the followers of its session. */
function tell(sessionId, event) {
  const text = `id: ${event.sequence}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`;
  for (const response of followers.get(sessionId) ?? []) response.write(text);
}

function follow(sessionId, response) {
  const all = followers.get(sessionId) ?? new Set();
  followers.set(sessionId, all.add(response));
  response.once('close', () => all.delete(response));
  response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
}

async function list() {
  const found = await sessions.find().sort({ startedAt: -1, sessionId: -1 }).limit(21).toArray();
  return [200, { sessions: found.slice(0, 20), pagination: { hasMore: found.length > 20 } }];
}

async function read(sessionId) {
  const [session, tail, page] = await Promise.all([
    sessions.findOne({ sessionId }),
    events.findOne({ sessionId }, { sort: { sequence: -1 }, projection: { sequence: 1 } }),
    events.find({ sessionId }).sort({ sequence: 1 }).limit(20).toArray(),
  ]);
  return [200, { ...session, events: page, pagination: { total: tail?.sequence ?? 0 } }];
}

async function complete(sessionId) {
  const tail = await events.findOne({ sessionId }, { sort: { sequence: -1 }, projection: { sequence: 1 } });
  const session = await sessions.findOneAndUpdate(
    { sessionId, status: 'initiated' },
    { $set: { status: 'completed', endedAt: new Date(), finalSequence: tail?.sequence ?? 0 } },
    { returnDocument: 'after' },
  );
  return found(session ?? (await sessions.findOne({ sessionId })));
}

function answerTo({ method, url }, body) {
  const [, , sessionId, action, kind] = url.split('?')[0].split('/');
  if (method === 'GET') return sessionId ? read(sessionId) : list();
  if (kind === 'batch') return appendBatch(sessionId, body.events);
  if (action === 'events') return append(sessionId, body);
  return action === 'complete' ? complete(sessionId) : create(body);
}

async function answer(request, response, chunks) {
  const [, followedId] = /^\/sessions\/([^/]+)\/events\/stream$/.exec(request.url) ?? [];
  if (followedId) return follow(followedId, response);
  const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined;
  const [status, value] = await answerTo(request, body);
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

const underWay = new Set();
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const work = answer(request, response, chunks).finally(() => underWay.delete(work));
    underWay.add(work);
  });
});
server.listen(Number(PORT), '127.0.0.1', () =>
  console.log(`Listening on http://127.0.0.1:${server.address().port}`),
);
process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await Promise.allSettled(underWay); // the load was stopped, but its last requests still use the driver
  await client.close();
  await store?.close();
  process.exit(0);
});
