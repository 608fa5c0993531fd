import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import { AppConfig } from '../config/load-config.js';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { wrapOperations } from './store-operations.js';

/** An operation may wait for a server, a connection and its reply, each up to the time limit, and may be retried. */
const TIME_LIMITS = 4;

/**
 * Limits the time of every operation on the store, whatever happens to it in the driver.
 *
 * The driver has a time-out for everything that it waits for, with one exception: if a connection closes at the moment
 * in which a command is written to it, that command waits for ever (see `HeartbeatWatch`; observed with a proxy that
 * closed connections gracefully). Its request is answered in time anyway, but later appends to the same session would
 * wait for it too.
 */
@Injectable()
export class BoundedOperations implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
    private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    const ms = TIME_LIMITS * this.config.storeTimeoutMs;
    wrapOperations(
      this.discovery,
      this.reflector,
      (operation) =>
        (...parameters) =>
          within(ms, operation(...parameters)),
    );
  }
}

/** The result of `work`. @throws StoreUnavailableError if there is none after this many milliseconds. */
export function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new StoreUnavailableError());
    }, ms);
    const inTime =
      <Outcome>(settle: (outcome: Outcome) => void) =>
      (outcome: Outcome) => {
        clearTimeout(timer);
        settle(outcome);
      };
    work.then(inTime(resolve), inTime(reject));
  });
}
