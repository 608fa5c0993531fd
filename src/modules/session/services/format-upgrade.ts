import { isDeepStrictEqual } from 'node:util';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection } from 'mongoose';
import { ConfigError } from '../../../config/load-config.js';
import { StoreConnection } from '../../../database/store-connection.js';
import { FORMAT, readFormat, stampFormat } from '../../../database/store-format.js';
import { SessionRepository } from '../repositories/session.repository.js';
import { filterableOf } from '../schemas/filterable.js';

/** How many sessions are read at once. */
const CHUNK = 500;

/**
 * Brings sessions of earlier versions up to date once, beside the requests: what they can be filtered by. Until it is
 * done, filters by numbers and booleans may miss sessions that were created before. If the process ends meanwhile, the
 * next start begins anew; several instances may do the same.
 */
@Injectable()
export class FormatUpgrade implements OnApplicationBootstrap {
  private readonly logger = new Logger('Store');

  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly store: StoreConnection,
    private readonly sessions: SessionRepository,
  ) {}

  onApplicationBootstrap(): void {
    void this.upgrade().catch((error: unknown) => {
      // A store that can't be used ends the service, which says why.
      if (!this.store.isClosing && !(error instanceof ConfigError)) this.logger.error(error);
    });
  }

  private async upgrade(): Promise<void> {
    await this.store.untilOpened();
    if (!this.store.isReady || (await readFormat(this.connection)) >= FORMAT) return;
    let upgraded = 0;
    for (let after = ''; !this.store.isClosing;) {
      const sessions = await this.sessions.findFilterable(after, CHUNK);
      for (const session of sessions) {
        if (!session.metadata || isDeepStrictEqual(filterableOf(session.metadata), session.filterable))
          continue;
        await this.sessions.setFilterable(session);
        upgraded++;
      }
      after = sessions.at(-1)?.sessionId ?? '';
      if (sessions.length < CHUNK) break;
    }
    if (this.store.isClosing) return;
    await stampFormat(this.connection);
    if (upgraded > 0) this.logger.log(`Brought ${upgraded} sessions of an earlier version up to date`);
  }
}
