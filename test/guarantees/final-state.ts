import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type EventView, type TranscriptView } from './api.js';
import { type Endpoint } from './client.js';
import { groupBy } from './group-by.js';
import { type FinalSession } from './history.js';
import { exchange, LostAnswer, type HttpAnswer } from './http.js';

const ATTEMPTS = 20;
/** How often the final state is read again if the instances disagree: a lost request may still be under way. */
const SETTLING = 3;

/** Reads everything that is stored for some sessions, from every instance. */
export async function readFinalState(
  endpoints: readonly Endpoint[],
  sessionIds: readonly string[],
): Promise<FinalSession[]> {
  for (let reading = 1; ; reading++) {
    const perInstance = await Promise.all(endpoints.map((endpoint) => readSessions(endpoint, sessionIds)));
    const final = perInstance.flat();
    if (reading === SETTLING || agree(final)) return final;
    await sleep(2000);
  }
}

function agree(final: readonly FinalSession[]): boolean {
  return [...groupBy(final, ({ sessionId }) => sessionId).values()].every((views) =>
    views.every((view) => isDeepStrictEqual({ ...view, instance: '' }, { ...views[0], instance: '' })),
  );
}

async function readSessions(endpoint: Endpoint, sessionIds: readonly string[]): Promise<FinalSession[]> {
  const sessions: FinalSession[] = [];
  for (const sessionId of sessionIds) sessions.push(await readSession(endpoint, sessionId));
  return sessions;
}

async function readSession({ name, url }: Endpoint, sessionId: string): Promise<FinalSession> {
  const events: EventView[] = [];
  let cursor = '';
  for (;;) {
    const query = `limit=100&sort=sequence${cursor && `&cursor=${cursor}`}`;
    const { status, text } = await get(`${url}/sessions/${encodeURIComponent(sessionId)}?${query}`);
    const deleted = status === 410;
    if (status === 404 || deleted) return { sessionId, instance: name, session: null, deleted, events: [] };
    const { events: rows, pagination, ...session } = JSON.parse(text) as TranscriptView;
    events.push(...rows);
    if (pagination.nextCursor === null) return { sessionId, instance: name, session, deleted, events };
    cursor = pagination.nextCursor;
  }
}

async function get(url: string): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await exchange({ method: 'GET', url, timeoutMs: 5000 }).catch((error: unknown) => {
      if (error instanceof LostAnswer && attempt < ATTEMPTS) return undefined;
      throw error;
    });
    if (answer && [200, 404, 410].includes(answer.status)) return answer;
    if (attempt === ATTEMPTS) throw new Error(`${url} can't be read: ${answer?.status ?? 'no answer'}`);
    await sleep(250);
  }
}
