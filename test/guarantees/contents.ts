import { type AppendBody, type CreateBody, type ReadQuery } from './api.js';
import { type Random } from './random.js';

const TYPES = ['user_speech', 'bot_speech', 'system'];
const LANGUAGES = ['en-GB', 'de', 'pt-BR', 'zh-Hant-TW'];
/** The clients' clock, far from the server's: no rule may depend on the difference. */
const EPOCH = Date.UTC(2026, 2, 1, 12);

/** The content of an event; always the same for the same id and variant. */
export function contentOf(sessionId: string, eventId: string, variant: number): AppendBody {
  const hash = hashOf(`${sessionId}/${eventId}`);
  const timestamp = timestampOf(sessionId, Number(/\d+/.exec(eventId)?.[0] ?? 0), hash);
  return {
    eventId,
    type: TYPES[hash % TYPES.length] as string,
    payload: { text: `What was said in ${eventId}`, hash, ...(variant > 0 && { variant }) },
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
export function sessionBody(sessionId: string, variant: number): CreateBody {
  const hash = hashOf(sessionId);
  return {
    sessionId,
    language: LANGUAGES[(hash + variant) % LANGUAGES.length] as string,
    metadata: { hash, ...(variant > 0 && { variant }) },
  };
}

/** The order in which to read a page. */
export function chooseOrder(random: Random): Pick<ReadQuery, 'limit' | 'sort' | 'order'> {
  return {
    limit: random.pick([7, 20, 50, 100]),
    sort: random.pick(['timestamp', 'sequence'] as const),
    order: random.pick(['asc', 'desc'] as const),
  };
}

/** FNV-1a. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return hash;
}
