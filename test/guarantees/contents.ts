import { type AppendBody, type ReadQuery, type Requests } from './history.js';
import { pick } from './random.js';

const TYPES = ['user_speech', 'bot_speech', 'system'];
const LANGUAGES = ['en-GB', 'de', 'pt-BR', 'zh-Hant-TW'];
/** The clients' clock, far from the server's: no rule may depend on the difference. */
const EPOCH = Date.UTC(2026, 2, 1, 12);

/** What the content of an event, and of no other event of its session, contains, however it is represented. */
export const markOf = (eventId: string): string => `said in ${eventId}.`;

/** The content of an event; always the same for the same id and variant. */
export function contentOf(sessionId: string, eventId: string, variant: number): AppendBody {
  const hash = hashOf(`${sessionId}/${eventId}`);
  const timestamp = timestampOf(sessionId, Number(/\d+/.exec(eventId)?.[0] ?? 0), hash);
  return {
    eventId,
    type: TYPES[hash % TYPES.length] as string,
    payload: { text: `What was ${markOf(eventId)}`, ...(variant > 0 && { variant }) },
    ...(timestamp !== undefined && { timestamp: new Date(timestamp).toISOString() }),
  };
}

/**
 * The client's timestamp for an event; undefined if it leaves it to the server. Some sessions stay in chronological
 * order, some leave it in the middle, most at once: the service reads them in different ways.
 */
function timestampOf(sessionId: string, number: number, hash: number): number | undefined {
  const orderedUpTo = [0, Infinity, 60, 0][hashOf(sessionId) % 4] ?? 0;
  if (number < orderedUpTo || hash % 10 >= 8) return undefined;
  if (hash % 10 < 5) return EPOCH + number * 1000; // nearly always rising with the log
  return EPOCH + (hash % 10 < 7 ? (hash % 300) * 1000 : 60_000); // at any time, or many at the same time
}

/** The body that creates a session. */
export function sessionBody(sessionId: string, variant: number): Requests['create']['body'] {
  const hash = hashOf(sessionId);
  return {
    sessionId,
    language: LANGUAGES[(hash + variant) % LANGUAGES.length] as string,
    metadata: { hash, ...(variant > 0 && { variant }) },
  };
}

/** The order in which to read a page. */
export function chooseOrder(): Pick<ReadQuery, 'limit' | 'sort' | 'order'> {
  return {
    limit: pick([7, 20, 50, 100]),
    sort: pick(['timestamp', 'sequence']),
    order: pick(['asc', 'desc']),
  };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return hash;
}
