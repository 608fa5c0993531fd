import { Injectable } from '@nestjs/common';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { AppConfig } from '../config/load-config.js';

/** A call may wait for a server, a connection and its reply, each up to the time limit, and may be retried. */
const TIME_LIMITS = 4;

/** What is told of each call: the collection, the method of the repository, and how it went. */
export type CallObserver = (
  collection: string,
  operation: string,
  outcome: 'ok' | 'error',
  seconds: number,
) => void;

/** Runs one call to the store, under the name of the repository's method. */
export type StoreCall = <T>(operation: string, call: () => Promise<T>) => Promise<T>;

/**
 * Every call of a repository to the store goes through here: it is timed for the metrics, and ends in time.
 *
 * The driver has a time-out for everything that it waits for, with one exception: if a connection closes at the moment in
 * which a command is written to it, that command waits for ever (see `HeartbeatWatch`). Its request is answered in time
 * anyway, but later appends to the same session would wait for it too.
 */
@Injectable()
export class StoreCalls {
  private readonly observers: CallObserver[] = [];
  private readonly limitMs: number;

  constructor(config: AppConfig) {
    this.limitMs = TIME_LIMITS * config.STORE_TIMEOUT_MS;
  }

  /** Calls back after each call. */
  onCall(observer: CallObserver): void {
    this.observers.push(observer);
  }

  /** The function through which the repository of a collection makes its calls. */
  of(collection: string): StoreCall {
    return async (operation, call) => {
      const start = performance.now();
      let outcome: 'ok' | 'error' = 'error';
      try {
        const result = await within(this.limitMs, call());
        outcome = 'ok';
        return result;
      } finally {
        const seconds = (performance.now() - start) / 1000;
        for (const observe of this.observers) observe(collection, operation, outcome, seconds);
      }
    };
  }
}

/** The result of `work`. @throws StoreUnavailableError if there is none after this many milliseconds. */
export function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new StoreUnavailableError());
    }, ms);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
