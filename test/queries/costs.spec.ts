import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { EventRepository } from '../../src/modules/event/repositories/event.repository.js';
import { SessionService } from '../../src/modules/session/services/session.service.js';
import { anEvent, createSessionWith, upTo } from '../support/samples.js';
import { startWatchedService, type SentCommand, type WatchedService } from '../support/watched-service.js';

const EVENTS = 240;
/** Index keys that one query may read of a page of five events, however many there are and however deep it is. */
const FEW = 12;

const time = (seconds: number) => new Date(Date.UTC(2026, 2, 1, 12) + seconds * 1000).toISOString();

let service: WatchedService;
/** A session in the order of the clock, and one that went back in time. */
let ordered: string;
let unordered: string;
beforeAll(async () => {
  service = await startWatchedService();
  ordered = await createSessionWith(service.client, EVENTS);
  unordered = await createSessionWith(service.client, EVENTS);
  await service.client.append(unordered, anEvent({ timestamp: '2001-01-01T00:00:00Z' }));
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

/** Whether the store tells what a query costs: not every engine explains commands, or counts the keys that it reads. */
async function tellsCosts(): Promise<boolean> {
  const uri = process.env['TEST_MONGODB_URI'];
  if (!uri) return true;
  const connection = await mongoose.createConnection(uri).asPromise();
  const explain = { explain: { find: 'events' }, verbosity: 'executionStats' };
  const reply = await connection.db?.command(explain).catch((error: unknown) => {
    if (!(error instanceof mongoose.mongo.MongoServerError)) throw error;
  });
  await connection.close();
  const { executionStats } = (reply ?? {}) as { executionStats?: { totalKeysExamined?: number } };
  return executionStats?.totalKeysExamined !== undefined;
}

const describeCosts = (await tellsCosts()) ? describe : describe.skip;

interface Stage {
  readonly stage: string;
  readonly indexName?: string;
  readonly inputStage?: Stage;
  readonly inputStages?: readonly Stage[];
  readonly queryPlan?: Stage; // MongoDB's newer engine nests the plan one level deeper
}

/** What of a command is sent again to have it explained. */
const EXPLAINED =
  /^(filter|sort|limit|skip|projection|query|update|updates|deletes|new|find|count|delete|findAndModify)$/;

async function explained({ command }: SentCommand): Promise<Cost> {
  const kept = Object.entries(command).filter(([key]) => EXPLAINED.test(key));
  const explain = { explain: Object.fromEntries(kept), verbosity: 'executionStats' };
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

/** Expects each query of `work` to be served by an index, none by a scan or a sort in memory, and to read few keys. */
async function expectFewKeys(work: () => Promise<unknown>, most = FEW): Promise<void> {
  const costs = await costsOf(work);
  expect(costs).not.toEqual([]);
  expect(costs.filter(({ index, keys }) => index === undefined || keys > most)).toEqual([]);
}

/** The queries of StoreWatch while two followers of one session and one of another wait. */
async function lookAtFollowed(): Promise<void> {
  const places = [
    { sessionId: ordered, sequence: 3 },
    { sessionId: ordered, sequence: 100_000 },
    { sessionId: 'other', sequence: 1 },
  ];
  expect(await service.app.get(EventRepository).findSessionsWith(places)).toEqual([ordered]);
  expect(await service.app.get(SessionService).findEnded([ordered, 'other'])).toEqual([]);
}

describeCosts('every query is served by an index, and reads no more of it than it shows', () => {
  const read = (query: Record<string, string | number>) => () =>
    service.client.read(ordered, { limit: 5, ...query });

  it.each<[string, () => Promise<unknown>]>([
    ['creating again', () => service.client.create({ sessionId: ordered, language: 'en' })],
    ['an event again', () => service.client.append(ordered, anEvent({ eventId: 'e1' }))],
    ['patching', () => service.client.patch(ordered, { metadata: { n: 1 } })],
    ['the log', () => service.client.listEvents(ordered, { afterSequence: 20, limit: 5 })],
    ['an event', () => service.client.send({ path: `/sessions/${ordered}/events/e7` })],
    ['what other instances did in followed sessions', lookAtFollowed],
    ['the first page', read({})],
    ['a deep page', read({ page: 45 })],
    ['a page by sequence', read({ page: 45, sort: 'sequence' })],
    ['after a sequence', read({ afterSequence: 20 })],
    ['completing', async () => service.client.complete(await createSessionWith(service.client, 20))],
  ])('%s', async (_what, work) => {
    await expectFewKeys(work);
  });

  it('deleting, whose queries read as many keys as there are places', async () => {
    const deleted = await createSessionWith(service.client, 20);
    await expectFewKeys(() => service.client.delete(deleted), 30);
  });

  it('a page that is filtered, or far in the order of time of a session that went back in it', async () => {
    const all = (query: object) => () => service.client.read(unordered, { limit: 5, page: 45, ...query });
    for (const query of [{}, { from: time(0) }, { type: 'user_speech' }])
      await expectFewKeys(all(query), EVENTS + FEW);
  });

  it.each(
    ['timestamp', 'sequence'].flatMap((sort) =>
      ['asc', 'desc'].flatMap((order) => [
        { sort, order },
        { sort, order, type: 'user_speech' },
      ]),
    ),
  )('a page by cursor, %j', async (query) => {
    for (const sessionId of [ordered, unordered]) {
      const { body } = await service.client.read(sessionId, { limit: 100, ...query });
      const cursor = body.pagination.nextCursor ?? '';
      await expectFewKeys(() => service.client.read(sessionId, { limit: 5, cursor }));
    }
  });
});

describeCosts('a page of the list of sessions is served by an index, and reads no more than it shows', () => {
  beforeAll(async () => {
    for (const n of upTo(200)) {
      const metadata = { queue: n % 2 ? 'sales' : 'billing', 'caller.id': `caller-${n % 20}` };
      await service.client.create({ sessionId: `l-${n}`, language: 'en', startedAt: time(n / 4), metadata });
      if (n % 4 === 0) await service.client.complete(`l-${n}`);
    }
  });

  const LISTS = [
    {},
    { from: time(10), to: time(40) },
    { status: 'completed' },
    { status: 'initiated,completed' },
    { status: 'completed', from: time(10), to: time(40) },
    { 'metadata.queue': 'sales' },
    { 'metadata.caller.id': 'caller-4', from: time(5) },
  ];
  it.each(LISTS.flatMap((query) => ['asc', 'desc'].map((order) => ({ ...query, order }))))(
    '%j',
    async (query) => {
      const first = await service.client.list({ ...query, limit: 2 });
      const deep = await service.client.list({
        ...query,
        limit: 3,
        cursor: first.body.pagination.nextCursor ?? '',
      });
      const cursor = deep.body.pagination.nextCursor ?? '';
      await expectFewKeys(() => service.client.list({ ...query, limit: 2 }), 3);
      await expectFewKeys(() => service.client.list({ ...query, limit: 2, cursor }), 3);
    },
  );

  it('with several filters reads the index of its metadata', async () => {
    const query = { 'metadata.queue': 'billing', 'metadata.caller.id': 'caller-4', status: 'initiated' };
    const costs = await costsOf(() => service.client.list(query));

    expect(costs.map(({ index }) => index)).toEqual([expect.stringMatching(/^session_by_filterable\./)]);
  });
});

const namesOf = async (work: () => Promise<unknown>) =>
  (await service.commandsOf(work)).map(({ name }) => name);

it('ten sessions, whose tails are known, are read by fewer than three commands each', async () => {
  const ids = await Promise.all(upTo(10).map(() => createSessionWith(service.client, 3)));
  const names = await namesOf(() => Promise.all(ids.map((id) => service.client.read(id))));
  expect(names).toContain('find');
  expect(names.length).toBeLessThan(30);
});

describe('an append is one round trip', () => {
  it('if this process knows the tail, even where it goes back in time, and for a hundred events', async () => {
    const sessionId = await createSessionWith(service.client, 1);
    const late = anEvent({ timestamp: '2001-01-01T00:00:00Z' });
    const hundred = upTo(100).map(() => anEvent());

    expect(await namesOf(() => service.client.append(sessionId, anEvent()))).toEqual(['insert']);
    expect(await namesOf(() => service.client.append(sessionId, late))).toEqual(['insert']);
    expect(await namesOf(() => service.client.appendBatch(sessionId, hundred))).toEqual(['insert']);
  });

  it('and so is a retry, which looks first and inserts nothing in vain', async () => {
    const sessionId = await createSessionWith(service.client, 2);

    expect(await namesOf(() => service.client.append(sessionId, anEvent({ eventId: 'e1' })))).toEqual([
      'find',
    ]);
    expect(await namesOf(() => service.client.create({ sessionId, language: 'en' }))).toEqual(['find']);
  });
});
