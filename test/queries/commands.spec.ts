import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkBy, TOUR } from '../support/tour.js';
import { startWatchedService, type WatchedService } from '../support/watched-service.js';

/**
 * The commands that the service may send: each is supported by MongoDB from 4.2 on, by Amazon DocumentDB and by FerretDB,
 * but for `endSessions`, of which the driver ignores the reply.
 * See https://docs.aws.amazon.com/documentdb/latest/developerguide/mongo-apis.html.
 */
const COMMANDS = [
  'insert',
  'find',
  'getMore',
  'killCursors',
  'update',
  'delete',
  'findAndModify',
  'count',
  'createIndexes',
  'listIndexes',
  'ping',
  'endSessions',
];

/** The same for operators. */
const OPERATORS = ['$gt', '$gte', '$lt', '$lte', '$in', '$exists', '$or', '$set', '$unset'];

let service: WatchedService;
beforeAll(async () => {
  service = await startWatchedService();
});
afterAll(() => service.close());

/** The operators of a command; what clients have stored is no part of it. */
function operatorsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key.startsWith('$') ? [key] : []),
    ...(['metadata', 'createdMetadata', 'payload', 'documents', 'lsid'].includes(key)
      ? []
      : operatorsIn(inner)),
  ]);
}

/** The years of all times in a command; some engines have none but those of four digits, from 1 on. */
function yearsIn(value: unknown): number[] {
  if (value instanceof Date) return [value.getUTCFullYear()];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(yearsIn) : [];
}

describe('what the service sends to its store', () => {
  it('is understood by every store that speaks MongoDB’s protocol', async () => {
    const check = checkBy((request) => service.client.send(request));
    const commands = await service.commandsOf(async () => {
      for (const [what, part] of Object.entries(TOUR)) {
        if (what !== 'of a store that is away') await part(check, service);
      }
    });

    const ours = commands.map(
      ({ command: { $db: _db, $clusterTime: _time, $readPreference: _from, ...command } }) => command,
    );
    expect([...new Set(commands.map(({ name }) => name))].filter((name) => !COMMANDS.includes(name))).toEqual(
      [],
    );
    expect([...new Set(ours.flatMap(operatorsIn))].filter((name) => !OPERATORS.includes(name))).toEqual([]);
    expect(ours.flatMap(yearsIn).filter((year) => year < 1 || year > 9999)).toEqual([]);
    expect(commands.length).toBeGreaterThan(100);
  });
});
