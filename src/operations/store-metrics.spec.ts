import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { getModelToken } from '@nestjs/mongoose';
import { Test, type TestingModule } from '@nestjs/testing';
import { Registry } from 'prom-client';
import { StoreOperations } from '../database/store-operations.js';
import { EventRepository } from '../modules/event/repositories/event.repository.js';
import { Event } from '../modules/event/schemas/event.schema.js';
import { SessionListRepository } from '../modules/session/repositories/session-list.repository.js';
import { SessionRepository } from '../modules/session/repositories/session.repository.js';
import { Session } from '../modules/session/schemas/session.schema.js';
import { Metrics } from './metrics.js';
import { StoreMetrics } from './store-metrics.js';

@StoreOperations('things')
class Things {
  async find(): Promise<string> {
    return this.#ask();
  }

  /** Like a Mongoose query: sent when it is awaited. */
  count(): PromiseLike<number> {
    return { then: (resolve, reject) => Promise.resolve(3).then(resolve, reject) };
  }

  remove(): Promise<void> {
    return Promise.reject(new Error('The store is away'));
  }

  async #ask(): Promise<string> {
    return Promise.resolve('a thing');
  }
}

let registry: Registry;
beforeEach(() => {
  registry = new Registry();
});

/** The metrics together with a repository and its dependencies. */
async function startWith(...repository: Provider[]): Promise<TestingModule> {
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule],
    providers: [...repository, StoreMetrics, { provide: Metrics, useValue: { registry } }],
  }).compile();
  return module.init();
}

/** The number of timed operations, by name and outcome. */
async function timed(): Promise<Record<string, number>> {
  const name = 'conversation_store_operation_duration_seconds';
  const values = (await registry.getSingleMetric(name)?.get())?.values ?? [];
  return Object.fromEntries(
    values
      .filter((value) => 'metricName' in value && value.metricName === `${name}_count`)
      .map(({ labels, value }) => [
        `${labels['collection']}.${labels['operation']} ${labels['outcome']}`,
        value,
      ]),
  );
}

describe('StoreMetrics', () => {
  it('times each method of a repository, async or not, with its outcome', async () => {
    const things = (await startWith(Things)).get(Things);

    expect(await things.find()).toBe('a thing');
    expect(await things.count()).toBe(3);
    await expect(things.remove()).rejects.toThrow('The store is away');

    expect(await timed()).toEqual({ 'things.find ok': 1, 'things.count ok': 1, 'things.remove error': 1 });
  });

  it.each([SessionRepository, SessionListRepository, EventRepository])(
    'stands before every query of %p',
    async (repository) => {
      const models = [Session, Event].map(({ name }) => ({
        provide: getModelToken(name),
        useValue: { collection: {} },
      }));
      const instance: object = (await startWith(repository, ...models)).get(repository);
      const methods = Object.getOwnPropertyNames(repository.prototype).filter(
        (name) => name !== 'constructor',
      );

      expect(methods).not.toEqual([]);
      expect(Object.keys(instance)).toEqual(expect.arrayContaining(methods));
    },
  );
});
