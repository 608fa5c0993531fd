import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventRepository } from '../../src/modules/event/repositories/event.repository.js';
import { SessionService } from '../../src/modules/session/services/session.service.js';
import { startWatchedService, type SentCommand, type WatchedService } from '../support/watched-service.js';

let service: WatchedService;
let canExplain: boolean;

beforeAll(async () => {
  service = await startWatchedService();
  await service.client.create({ sessionId: 's', language: 'en' });
  for (let n = 1; n <= 240; n++) {
    const timestamp = new Date(Date.UTC(2026, 2, 1, 12, 0, n)).toISOString();
    await service.client.append('s', { eventId: `e-${n}`, type: 'system', payload: { n }, timestamp });
  }
  canExplain = await command({ explain: { find: 'events' } }).then(
    () => true,
    () => false, // the store has no such command
  );
  if (!canExplain) console.warn('This store has no explain: which index serves a query is not looked at.');
});
afterAll(() => service.close());

async function command(body: object): Promise<Record<string, unknown>> {
  if (!service.connection.db) throw new Error('the service has no connection');
  return service.connection.db.command({ ...body });
}

interface Stage {
  readonly stage: string;
  readonly indexName?: string;
  readonly inputStage?: Stage;
  readonly inputStages?: readonly Stage[];
  readonly queryPlan?: Stage; // MongoDB's newer engine nests the plan one level deeper
}

/** All stages of the store's plan for a command. */
async function planOf(sent: SentCommand): Promise<Stage[]> {
  return stagesOf(winningPlan(await explain(sent, 'queryPlanner')));
}

async function explain({ name, command: sent }: SentCommand, verbosity: string) {
  const kept = [
    'filter',
    'sort',
    'limit',
    'skip',
    'projection',
    'query',
    'update',
    'updates',
    'deletes',
    'pipeline',
    'cursor',
    'new',
  ];
  const explained = Object.fromEntries(
    Object.entries(sent).filter(([key]) => key === name || kept.includes(key)),
  );
  return command({ explain: explained, verbosity });
}

function winningPlan(answer: Record<string, unknown>): Stage {
  const planner = (answer['queryPlanner'] ??
    (answer['stages'] as { $cursor?: { queryPlanner: unknown } }[] | undefined)?.[0]?.$cursor
      ?.queryPlanner) as {
    winningPlan: Stage;
  };
  return planner.winningPlan;
}

function stagesOf(stage: Stage): Stage[] {
  const inner = [stage.inputStage, ...(stage.inputStages ?? []), stage.queryPlan].filter(
    (part) => part !== undefined,
  );
  return [stage, ...inner.flatMap(stagesOf)];
}

/** The queries of a command; if it reads several collections, one for each. */
function queriesOf({ name, command: sent }: SentCommand): SentCommand[] {
  const pipeline = (sent['pipeline'] ?? []) as Record<string, unknown>[];
  const unions = pipeline.flatMap(({ $unionWith }) => ($unionWith ? [$unionWith as Union] : []));
  if (unions.length === 0) return [{ name, command: sent }];
  const parts = [
    { coll: sent[name], pipeline: pipeline.filter((stage) => !('$unionWith' in stage)) },
    ...unions,
  ];
  return parts.map((part) => ({
    name,
    command: { [name]: part.coll, pipeline: part.pipeline, cursor: {} },
  }));
}

interface Union {
  readonly coll: string;
  readonly pipeline: Record<string, unknown>[];
}

/** Expects the commands of `work` to use these indexes, without a collection scan or an in-memory sort. */
async function expectIndexes(work: () => Promise<unknown>, expected: readonly string[]): Promise<void> {
  const commands = (await service.commandsOf(work))
    .filter(({ name }) => name !== 'insert')
    .flatMap(queriesOf);
  if (!canExplain) return;
  const used = new Set<string>();
  for (const command of commands) {
    const stages = await planOf(command);
    const names = stages.map(({ stage }) => stage);
    expect({ command, names }).not.toMatchObject({ names: expect.arrayContaining(['COLLSCAN']) });
    expect({ command, names }).not.toMatchObject({ names: expect.arrayContaining(['SORT']) });
    for (const { indexName } of stages) if (indexName) used.add(indexName);
  }
  expect([...used].sort()).toEqual(expected);
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
    ['event_by_id', 'session_by_id'],
  ],
  [
    'an event again, with other content',
    () => service.client.append('s', { eventId: 'e-1', type: 'system', payload: { other: 1 } }),
    ['event_by_id', 'session_by_id'],
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
  ['a deep page from the end', read({ page: 45, order: 'desc' }), ['event_by_sequence', 'session_by_id']],
  ['pages by sequence', read({ page: 3, sort: 'sequence' }), ['event_by_sequence', 'session_by_id']],
  ['after a sequence', read({ afterSequence: 20 }), ['event_by_sequence', 'session_by_id']],
  [
    'a range of time',
    read({ from: '2026-03-01T12:00:05Z', to: '2026-03-01T12:00:25Z' }),
    ['event_by_time', 'session_by_id'],
  ],
];

describe('every query is served by an index', () => {
  it.each(EXPECTED)('%s', async (_what, work, indexes) => {
    await expectIndexes(work, indexes);
  });

  it.each(['asc', 'desc'])('a walk by cursor in the order of time, %s', async (order) => {
    const { body } = await service.client.read('s', { limit: 5, order });
    const cursor = body.pagination.nextCursor ?? '';
    await expectIndexes(read({ cursor }), ['event_by_time', 'session_by_id']);
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
        for (const command of await service.commandsOf(work)) await expectKeys(command, 3);
      }
    },
  );

  async function expectKeys(command: SentCommand, most: number): Promise<void> {
    if (!canExplain) return;
    const { executionStats } = (await explain(command, 'executionStats')) as {
      executionStats: { totalKeysExamined: number };
    };
    expect(executionStats.totalKeysExamined).toBeLessThanOrEqual(most);
  }

  it('with several filters reads the narrowest index', async () => {
    const narrow = {
      'metadata.queue': 'billing',
      'metadata.caller.id': 'caller-4',
      status: 'initiated,completed',
    };
    const [page] = (await service.commandsOf(() => service.client.list(narrow))).slice(-1);
    if (!page || !canExplain) return;
    const indexes = (await planOf(page)).flatMap(({ indexName }) => indexName ?? []);

    expect(indexes).toEqual(['session_by_filterable.caller%2Eid']);
  });
});
