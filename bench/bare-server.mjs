// The baseline: node:http and the driver alone, with writes as durable as the service's. No framework, no validation,
// hardly any error handling; each request sends its own commands, nothing is batched.
import { createServer } from 'node:http';
import process from 'node:process';
import mongoose from 'mongoose';

const { MONGODB_URI, PORT = '0' } = process.env;
const client = await new mongoose.mongo.MongoClient(MONGODB_URI, {
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
}).connect();
const sessions = client.db().collection('sessions');
const events = client.db().collection('events');
await sessions.createIndex({ sessionId: 1 }, { unique: true });
await sessions.createIndex({ startedAt: 1, sessionId: 1 });
await events.createIndex({ sessionId: 1, eventId: 1 }, { unique: true });
await events.createIndex({ sessionId: 1, sequence: 1 }, { unique: true });
await events.createIndex({ sessionId: 1, timestamp: 1, sequence: 1 });

/** The last sequence of each session: this server is alone, and may remember it. */
const tails = new Map();
const followers = new Map();

/** What is missing is a 404, so that a write without effect fails the benchmark and does not count as a fast one. */
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

function eventOf(sessionId, { timestamp, ...body }) {
  const receivedAt = new Date();
  const sequence = (tails.get(sessionId) ?? 0) + 1;
  tails.set(sessionId, sequence);
  return {
    ...body,
    sessionId,
    sequence,
    timestamp: timestamp ? new Date(timestamp) : receivedAt,
    receivedAt,
  };
}

async function append(sessionId, body) {
  const event = eventOf(sessionId, body);
  try {
    await events.insertOne(event);
  } catch {
    tails.set(sessionId, event.sequence - 1);
    return found(await events.findOne({ sessionId, eventId: body.eventId }));
  }
  const text = `id: ${event.sequence}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`;
  for (const response of followers.get(sessionId) ?? []) response.write(text);
  return [201, event];
}

async function appendBatch(sessionId, bodies) {
  const batch = bodies.map((body) => eventOf(sessionId, body));
  await events.insertMany(batch);
  return [201, { results: batch.map((event) => ({ status: 201, event })) }];
}

async function list() {
  const page = await sessions.find().sort({ startedAt: -1, sessionId: -1 }).limit(21).toArray();
  return [200, { sessions: page.slice(0, 20), pagination: { hasMore: page.length > 20 } }];
}

const tailOf = (sessionId) =>
  events.findOne({ sessionId }, { sort: { sequence: -1 }, projection: { sequence: 1 } });

async function read(sessionId) {
  const [session, tail, page] = await Promise.all([
    sessions.findOne({ sessionId }),
    tailOf(sessionId),
    events.find({ sessionId }).sort({ timestamp: 1, sequence: 1 }).limit(20).toArray(),
  ]);
  return [200, { ...session, events: page, pagination: { total: tail?.sequence ?? 0 } }];
}

async function complete(sessionId) {
  const tail = await tailOf(sessionId);
  const session = await sessions.findOneAndUpdate(
    { sessionId, status: 'initiated' },
    { $set: { status: 'completed', endedAt: new Date(), finalSequence: tail?.sequence ?? 0 } },
    { returnDocument: 'after' },
  );
  return found(session ?? (await sessions.findOne({ sessionId })));
}

function follow(sessionId, response) {
  const all = followers.get(sessionId) ?? new Set();
  followers.set(sessionId, all.add(response));
  response.once('close', () => all.delete(response));
  response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
}

function resultOf(method, [, , sessionId, action, kind], body) {
  if (method === 'GET') return sessionId ? read(sessionId) : list();
  if (kind === 'batch') return appendBatch(sessionId, body.events);
  if (action === 'events') return append(sessionId, body);
  return action === 'complete' ? complete(sessionId) : create(body);
}

async function respond({ method, url }, response, chunks) {
  const path = url.split('?')[0].split('/');
  if (path[4] === 'stream') return follow(path[2], response);
  const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined;
  const [status, value] = await resultOf(method, path, body);
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    respond(request, response, chunks).catch((error) => response.destroy(error));
  });
});
server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});
