import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Collection } from 'mongoose';
import { GroupedInserts, MAX_BATCH_BYTES } from '../../src/database/same-turn.js';
import { startWatchedService, type WatchedService } from '../support/watched-service.js';

interface Thing {
  readonly key: string;
  readonly value?: unknown;
}

let service: WatchedService;
let collection: Collection;
beforeAll(async () => {
  service = await startWatchedService();
  collection = service.connection.collection('things');
  await collection.createIndex({ key: 1 }, { unique: true }, {});
});
afterAll(() => service.close());

const insertAll = (things: readonly Thing[]) => {
  const inserts = new GroupedInserts<Thing>(collection);
  return Promise.allSettled(things.map((thing) => inserts.insert(thing)));
};
const outcomes = async (things: readonly Thing[]) =>
  (await insertAll(things)).map((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value.stored : 'failed',
  );

describe('GroupedInserts', () => {
  it('sends documents of the same turn in one command, and returns the result of each', async () => {
    await collection.insertOne({ key: 'taken' });
    const things = ['a', 'taken', 'b', 'a', 'taken', 'c'].map((key) => ({ key }));
    let results: unknown;
    const commands = await service.commandsOf(async () => {
      results = await outcomes(things);
    });

    expect(results).toEqual([true, false, true, false, false, true]);
    expect(commands.map(({ name }) => name)).toEqual(['insert']);
    const stored = await collection.find().sort({ key: 1 }).toArray();
    expect(stored.map(({ key }) => key as string)).toEqual(['a', 'b', 'c', 'taken']);
  });

  it('sends a single document alone', async () => {
    expect(await outcomes([{ key: 'single' }])).toEqual([true]);
    expect(await outcomes([{ key: 'single' }])).toEqual([false]);
  });

  it('splits very many documents into several commands', async () => {
    const things = Array.from({ length: 250 }, (_, index) => ({ key: `many-${index}` }));
    const commands = await service.commandsOf(() => insertAll(things));

    expect(commands.map(({ command }) => (command['documents'] as unknown[]).length)).toEqual([100, 100, 50]);
    expect((await collection.find({ key: { $gte: 'many-', $lt: 'many.' } }).toArray()).length).toBe(250);
  });

  it('does not change the documents', async () => {
    const thing = Object.freeze({ key: 'frozen', value: {} });

    expect(await outcomes([thing, { key: 'beside' }])).toEqual([true, true]);
    expect(thing).not.toHaveProperty('_id');
  });

  it('splits many bytes into several concurrent commands', async () => {
    const things = Array.from({ length: 6 }, (_, index) => ({
      key: `large-${index}`,
      value: 'x'.repeat(index === 4 ? 1.5 * MAX_BATCH_BYTES : MAX_BATCH_BYTES / 2 - 100),
    }));
    const commands = await service.commandsOf(() => insertAll(things));

    expect(commands.map(({ command }) => (command['documents'] as unknown[]).length)).toEqual([2, 2, 1, 1]);
    expect((await collection.find({ key: { $gte: 'large-', $lt: 'large.' } }).toArray()).length).toBe(6);
  });

  it('fails only what can’t be sent, and stores the others', async () => {
    const tooLarge = { key: 'too large', value: 'x'.repeat(17 * 1024 * 1024) };
    const things = [{ key: 'before' }, tooLarge, { key: 'after' }];

    expect(await outcomes(things)).toEqual([true, 'failed', true]);
    expect(await outcomes([{ key: 'afterwards' }, { key: 'too' }])).toEqual([true, true]);
  });
});
