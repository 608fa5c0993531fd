import { getConnectionToken } from '@nestjs/mongoose';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { type Connection } from 'mongoose';
import { AppModule } from '../../src/app.module.js';
import { AppConfig, loadConfig } from '../../src/config/load-config.js';
import { configureApp } from '../../src/app.setup.js';
import { StoreConnection } from '../../src/database/store-connection.js';
import { HttpAdapter } from '../../src/common/http/http-adapter.js';
import { ServiceLogger } from '../../src/common/logger.js';
import { ServiceClient } from './client.js';
import { makeStore } from './store.js';

/** A class of the service to be replaced by a subclass that lets a test step in between. */
export interface Replacement {
  readonly provider: new (...args: never[]) => unknown;
  readonly by: new (...args: never[]) => unknown;
}

/** The service in this process, listening on a port of its own, on a store of its own. */
export interface TestService {
  readonly client: ServiceClient;
  readonly app: NestExpressApplication;
  /** The service's own connection, to look at what is stored. */
  readonly connection: Connection;
  /** Stops the service and removes its store. */
  close(): Promise<void>;
}

/**
 * Starts the service as `main.ts` would. Its log is off unless `TEST_LOG` is set.
 *
 * @param makeConnection makes the unopened connection, where a test wants to listen to it.
 * @param address what it listens on.
 */
export async function startService(
  settings: Partial<AppConfig> = {},
  replacements: readonly Replacement[] = [],
  makeConnection?: () => Connection,
  address = '127.0.0.1',
): Promise<TestService> {
  const store = await makeStore();
  const building = Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(AppConfig)
    .useValue({
      ...loadConfig(process.env).config,
      MONGODB_URI: store.mongodbUri,
      DATA_DIR: store.dataDir,
      STORE_TIMEOUT_MS: 20_000, // a test on a busy machine is about what is answered, not how soon
      ...settings,
    });
  for (const { provider, by } of replacements) building.overrideProvider(provider).useClass(by);
  if (makeConnection) building.overrideProvider(getConnectionToken()).useFactory({ factory: makeConnection });
  const module = await building.compile();
  const app = module.createNestApplication<NestExpressApplication>(new HttpAdapter(), {
    bodyParser: false,
    logger: process.env['TEST_LOG'] ? new ServiceLogger('debug') : false,
  });
  configureApp(app);
  const close = async () => {
    await app.close();
    await store.remove();
  };
  try {
    await app.listen(0, address);
    await app.get(StoreConnection).untilOpened();
  } catch (error) {
    await close(); // or it would keep the process of the test from ending
    throw error;
  }
  const client = new ServiceClient(await app.getUrl());
  return {
    client,
    app,
    connection: app.get<Connection>(getConnectionToken()),
    close: () => {
      client.close();
      return close();
    },
  };
}
