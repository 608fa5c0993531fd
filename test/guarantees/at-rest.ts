import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import mongoose from 'mongoose';
import { type SessionBody } from '../support/representations.js';
import { type Endpoint } from './client.js';
import { type Event, type FinalSession, type Look } from './history.js';

/** How long an instance may take to answer a read, retries included, when all faults have ended. */
const READABLE_WITHIN_MS = 10_000;
/** Reads everything that is stored for some sessions, from every instance. */
export async function readFinalState(
  endpoints: readonly Endpoint[],
  sessionIds: readonly string[],
): Promise<FinalSession[]> {
  const final: FinalSession[] = [];
  for (const sessionId of sessionIds) {
    final.push(...(await Promise.all(endpoints.map((endpoint) => readSession(endpoint, sessionId)))));
  }
  return final;
}

async function readSession({ name, url }: Endpoint, sessionId: string): Promise<FinalSession> {
  const path = `${url}/sessions/${encodeURIComponent(sessionId)}`;
  const { status, text } = await get(`${path}/export`);
  const about = { sessionId, instance: name, deleted: status === 410 };
  if (status !== 200) return { ...about, session: null, events: [], transcript: '' };
  const [session, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  const end = lines.pop();
  const { status: found, text: transcript } = await get(`${path}/transcript?format=text`);
  const isWhole = isDeepStrictEqual(end, { end: true, events: lines.length }) && found === 200;
  const fault = `the export ends with ${JSON.stringify(end)}, and the transcript is ${found}`;
  const events = lines as Event[];
  return { ...about, session: session as SessionBody, events, transcript, ...(!isWhole && { fault }) };
}

async function get(url: string): Promise<{ status: number; text: string }> {
  const deadline = performance.now() + READABLE_WITHIN_MS;
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5000) })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch(() => undefined);
    if (answer && [200, 404, 410].includes(answer.status)) return answer;
    if (performance.now() > deadline)
      throw new Error(`${url} can't be read: ${answer?.status ?? 'no answer'}`);
    await sleep(250);
  }
}

/** The store itself, to see what it holds. */
export class StoreView {
  private readonly client: mongoose.mongo.MongoClient;
  private readonly database: mongoose.mongo.Db;

  constructor(uri: string) {
    this.client = new mongoose.mongo.MongoClient(uri, { serverSelectionTimeoutMS: 1000 });
    this.database = this.client.db();
  }

  /** Looks at what is stored of a session; while the store is away, as soon as it is back. */
  async look(about: Omit<Look, 'documents'>): Promise<Look> {
    const { sessionId } = about;
    for (;;) {
      try {
        const documents = await Promise.all(
          (['sessions', 'events'] as const).map(async (collection) => {
            const found = await this.database.collection(collection).find({ sessionId }).toArray();
            return found.map((document) => ({
              collection,
              fields: Object.keys(document).filter((field) => !isDeepStrictEqual(document[field], {})),
              ...(typeof document['eventId'] === 'string' && { eventId: document['eventId'] }),
            }));
          }),
        );
        return { ...about, documents: documents.flat() };
      } catch {
        await sleep(200);
      }
    }
  }

  close(): Promise<void> {
    return this.client.close();
  }
}
