import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventRepository } from '../../src/modules/event/repositories/event.repository.js';
import { SessionService } from '../../src/modules/session/services/session.service.js';
import { startWatchedService, type SentCommand, type WatchedService } from '../support/watched-service.js';

let service: WatchedService;

beforeAll(async () => {
  service = await startWatchedService();
  await service.client.create({ sessionId: 's', language: 'en' });
  for (let n = 1; n <= 240; n++) {
    const timestamp = new Date(Date.UTC(2026, 2, 1, 12, 0, n)).toISOString();
    await service.client.append('s', { eventId: `e-${n}`, type: 'system', payload: { n }, timestamp });
  }
});
afterAll(() => service.close());

/** The index that serves a query (none: the collection is scanned), and how many of its entries were read. */
interface Cost {
  readonly index: string | undefined;
  readonly keys: number;
}

/** What the queries of `work` cost. The embedded store tells it by itself, any other one explains the commands. */
async function costsOf(work: () => Promise<unknown>): Promise<Cost[]> {
  if (!process.env['TEST_MONGODB_URI']) return reportedBy(work);
  const commands = (await service.commandsOf(work)).filter(({ name }) => name !== 'insert');
  return Promise.all(commands.map(explained));
}

async function reportedBy(work: () => Promise<unknown>): Promise<Cost[]> {
  const costs: Cost[] = [];
  const note = (report: unknown) => {
    const { namespace, ...cost } = report as Cost & { namespace: string };
    if (!namespace.endsWith('.deletions')) costs.push(cost);
  };
  subscribe('embedded-mongo.scan', note);
  await work().finally(() => unsubscribe('embedded-mongo.scan', note));
  return costs;
}

interface Stage {
  readonly stage: string;
  readonly indexName?: string;
  readonly inputStage?: Stage;
  readonly inputStages?: readonly Stage[];
  readonly queryPlan?: Stage; // MongoDB's newer engine nests the plan one level deeper
}

const EXPLAINED = [
  'filter',
  'sort',
  'limit',
  'skip',
  'projection',
  'query',
  'update',
  'updates',
  'deletes',
  'new',
];

/** A command as it can be sent again. */
function withoutSession({ name, command }: SentCommand): Record<string, unknown> {
  const kept = Object.entries(command).filter(([key]) => key === name || EXPLAINED.includes(key));
  return Object.fromEntries(kept);
}

async function explained({ name, command }: SentCommand): Promise<Cost> {
  const explain = { explain: withoutSession({ name, command }), verbosity: 'executionStats' };
  const { queryPlanner, executionStats } = (await service.connection.db?.command(explain)) as {
    queryPlanner: { winningPlan: Stage };
    executionStats: { totalKeysExamined: number };
  };
  const stages = stagesOf(queryPlanner.winningPlan);
  expect(stages.map(({ stage }) => stage)).not.toContain('SORT');
  const index = stages.find(({ indexName }) => indexName)?.indexName;
  return { index, keys: executionStats.totalKeysExamined };
}

function stagesOf(stage: Stage): Stage[] {
  const inner = [stage.inputStage, ...(stage.inputStages ?? []), stage.queryPlan];
  return [stage, ...inner.filter((part) => part !== undefined).flatMap(stagesOf)];
}

/** Expects the queries of `work` to use these indexes and no others, none a scan of a collection or a sort in memory. */
async function expectIndexes(work: () => Promise<unknown>, expected: readonly string[]): Promise<void> {
  const used = (await costsOf(work)).map(({ index }) => index ?? 'none');
  expect([...new Set(used)].sort()).toEqual(expected);
}

const read = (query: Record<string, string | number>) => () =>
  service.client.read('s', { limit: 5, ...query });

/** The query of StoreWatch while two followers of one session and one of another wait. */
async function lookAtFollowed(): Promise<void> {
  const places = [
    { sessionId: 's', sequence: 3 },
    { sessionId: 's', sequence: 100_000 },
    { sessionId: 'other', sequence: 1 },
  ];
  expect(await service.app.get(EventRepository).findSessionsWith(places)).toEqual(['s']);
  expect(await service.app.get(SessionService).findEnded(['s', 'other'])).toEqual([]);
}

/** Creates and deletes a session. */
async function changeOthers(): Promise<void> {
  await service.app.get(SessionService).activate('other');
  await service.app.get(SessionService).erase('other');
  await service.app.get(EventRepository).blank('other', 0, 1000);
  await service.app.get(EventRepository).removePlaces('other', 1000);
}

/** The requests of a client, and the indexes that must serve them. */
const EXPECTED: readonly [what: string, work: () => Promise<unknown>, indexes: readonly string[]][] = [
  ['creating again', () => service.client.create({ sessionId: 's', language: 'en' }), ['session_by_id']],
  [
    'an event again',
    () => service.client.append('s', { eventId: 'e-1', type: 'system', payload: { n: 1 } }),
    ['event_by_id'],
  ],
  [
    'an event again, with other content',
    () => service.client.append('s', { eventId: 'e-1', type: 'system', payload: { other: 1 } }),
    ['event_by_id'],
  ],
  ['patching', () => service.client.patch('s', { metadata: { n: 1 } }), ['session_by_id']],
  [
    'the log',
    () => service.client.listEvents('s', { afterSequence: 20 }),
    ['event_by_sequence', 'session_by_id'],
  ],
  [
    'an event',
    () => service.client.send({ path: '/sessions/s/events/e-7' }),
    ['event_by_id', 'session_by_id'],
  ],
  ['what other instances did in followed sessions', lookAtFollowed, ['event_by_sequence', 'session_by_id']],
  ['beginning and deleting others', changeOthers, ['event_by_sequence', 'session_by_id']],
  ['completing', () => service.client.complete('s'), ['event_by_sequence', 'session_by_id']],
  ['the first page', read({}), ['event_by_sequence', 'event_by_time', 'session_by_id']],
  ['a near page', read({ page: 7 }), ['event_by_sequence', 'event_by_time', 'session_by_id']],
  ['a deep page', read({ page: 45 }), ['event_by_sequence', 'session_by_id']],
  [
    'a deep page from the end',
    read({ page: 45, order: 'desc' }),
    ['event_by_sequence', 'event_by_time', 'session_by_id'],
  ],
  ['pages by sequence', read({ page: 3, sort: 'sequence' }), ['event_by_sequence', 'session_by_id']],
  ['after a sequence', read({ afterSequence: 20 }), ['event_by_sequence', 'session_by_id']],
  [
    'a range of time',
    read({ from: '2026-03-01T12:00:05Z', to: '2026-03-01T12:00:25Z' }),
    ['event_by_sequence', 'event_by_time', 'session_by_id'],
  ],
];

describe('every query is served by an index', () => {
  it.each(EXPECTED)('%s', async (_what, work, indexes) => {
    await expectIndexes(work, indexes);
  });

  it.each(['asc', 'desc'])('a walk by cursor in the order of time, %s', async (order) => {
    const { body } = await service.client.read('s', { limit: 5, order });
    const cursor = body.pagination.nextCursor ?? '';
    await expectIndexes(read({ cursor }), ['event_by_sequence', 'event_by_time', 'session_by_id']);
  });

  it.each(['asc', 'desc'])('a walk by cursor in the order of the log, %s', async (order) => {
    const { body } = await service.client.read('s', { limit: 5, order, sort: 'sequence' });
    const cursor = body.pagination.nextCursor ?? '';
    await expectIndexes(read({ cursor }), ['event_by_sequence', 'session_by_id']);
  });

  it('pages of a session whose timestamps went back', async () => {
    await service.client.append('s', {
      eventId: 'old',
      type: 'system',
      payload: {},
      timestamp: '2001-01-01T00:00:00Z',
    });
    await expectIndexes(read({ page: 45 }), ['event_by_sequence', 'event_by_time', 'session_by_id']);
  });
});

describe('the list of sessions', () => {
  const time = (seconds: number) => new Date(Date.UTC(2026, 2, 1) + seconds * 1000).toISOString();
  beforeAll(async () => {
    for (let n = 1; n <= 200; n++) {
      const metadata = { queue: n % 2 ? 'sales' : 'billing', 'caller.id': `caller-${n % 20}` };
      await service.client.create({ sessionId: `l-${n}`, language: 'en', startedAt: time(n / 4), metadata });
      if (n % 4 === 0) await service.client.complete(`l-${n}`);
    }
  });

  /** The filters of a list, and the index that serves a page of it. */
  const LISTS: readonly [query: Record<string, string>, index: string][] = [
    [{}, 'session_by_start'],
    [{ from: time(10), to: time(40) }, 'session_by_start'],
    [{ status: 'completed' }, 'session_by_status'],
    [{ status: 'initiated,completed' }, 'session_by_status'],
    [{ status: 'completed', from: time(10), to: time(40) }, 'session_by_status'],
    [{ 'metadata.queue': 'sales' }, 'session_by_filterable.queue'],
    [{ 'metadata.caller.id': 'caller-4', from: time(5) }, 'session_by_filterable.caller%2Eid'],
  ];
  const cases = LISTS.flatMap(([query, index]) =>
    (['asc', 'desc'] as const).map((order) => ({ query: { ...query, order }, index })),
  );

  it.each(cases)(
    '$query: every page is ranges of $index, and reads no more of it than it shows',
    async (list) => {
      const { query, index } = list;
      const first = await service.client.list({ ...query, limit: 2 });
      const deep = await service.client.list({
        ...query,
        limit: 3,
        cursor: first.body.pagination.nextCursor ?? '',
      });
      const cursor = deep.body.pagination.nextCursor ?? '';
      for (const work of [
        () => service.client.list({ ...query, limit: 2 }),
        () => service.client.list({ ...query, limit: 2, cursor }),
      ]) {
        await expectIndexes(work, [index]);
        for (const { keys } of await costsOf(work)) expect(keys).toBeLessThanOrEqual(3);
      }
    },
  );

  it('with several filters reads the index of one of them', async () => {
    const narrow = {
      'metadata.queue': 'billing',
      'metadata.caller.id': 'caller-4',
      status: 'initiated,completed',
    };
    const [page] = (await service.commandsOf(() => service.client.list(narrow))).slice(-1);
    if (!page) throw new Error('the list sends nothing');
    const [cost] = await costsOf(async () => service.connection.db?.command(withoutSession(page)));

    expect(cost?.index).toMatch(/^session_by_filterable\./);
  });
});
