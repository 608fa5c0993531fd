import { Injectable } from '@nestjs/common';
import { type Response } from 'express';
import pLimit from 'p-limit';
import { AppConfig } from '../../config/load-config.js';
import { StoreUnavailableError } from '../errors/domain-error.js';
import { isOver, whenOver } from './connections.js';

/** What every connection may hold: no more than Node's own buffers for it take. */
const SMALL = 16 * 1024;

/** A body that is larger waits for its turn; parsed, 4 MiB of `{},{},{}` take 80 MiB. */
const LARGE = 64 * 1024;
/** One that is larger than this waits for others of its kind alone. */
const VERY_LARGE = 512 * 1024;
/** How many of each kind are worked on at once. */
const LARGE_AT_ONCE = 4;
const VERY_LARGE_AT_ONCE = 2;

/** What a request holds. */
interface Load {
  readonly limits: RequestLimits;
  /** What all requests of its connection hold. */
  readonly connection: { bytes: number };
  working: boolean;
  bytes: number;
  /** Whether nothing of it counts any more, whatever its handler still does. */
  over: boolean;
}

const LOAD = Symbol('load');
const END_TURN = Symbol('end turn');
const CONNECTION = Symbol('connection');

/** A response with what its request holds. Not in a WeakMap, whose entries stay until a full collection. */
export type Loaded = Response & { [LOAD]?: Load; [END_TURN]?: () => void };

/**
 * Load shedding: limits the requests that are worked on, and the bytes of bodies and responses.
 *
 * - **Requests**: from the arrival of their bodies until their responses are ready. Further ones get 503. A request that
 *   waits for its client, to send or to receive, takes no place from others.
 * - **Bytes** count when they have arrived, and until they are sent. Nothing is reserved for what a client announces. A
 *   connection may hold up to half of what the others leave of `MAX_BYTES_UNDER_WAY`: whoever fills it with large responses
 *   leaves room for smaller ones, which are most. 16 KiB fit always, so small requests are never refused for the large
 *   ones of others; they cost no more than the connection itself.
 * - **Large bodies**, over 64 KiB, are worked on a few at a time, each from its parsing until its handler is done, also if
 * its deadline has passed or its client has left: until then it is in memory. The others wait, unparsed, while smaller
 * requests go on. Those over 512 KiB wait in a queue of their own.
 *
 * Clients that stop sending or reading are disconnected by Node's time-outs (see `configureApp`).
 */
@Injectable()
export class RequestLimits {
  /** Requests being worked on. */
  underWay = 0;
  /** Bytes of bodies that have arrived, and of responses that are not sent yet. */
  bytesUnderWay = 0;

  private readonly large = pLimit(LARGE_AT_ONCE);
  private readonly veryLarge = pLimit(VERY_LARGE_AT_ONCE);

  constructor(private readonly config: AppConfig) {}

  /**
   * Waits until a body of so many bytes may be parsed. Its turn ends with `endTurn`.
   *
   * @throws DomainError STORE_UNAVAILABLE if its request is over by then.
   */
  async turn(response: Loaded, bytes: number): Promise<void> {
    if (bytes <= LARGE) return;
    const turns = bytes > VERY_LARGE ? this.veryLarge : this.large;
    await new Promise<void>((begin) => {
      void turns(async () => {
        begin();
        if (!isOver(response)) await new Promise<void>((end) => (response[END_TURN] = end));
      });
    });
    if (isOver(response)) throw overloaded();
  }

  /**
   * Call it when a request has arrived completely, and is worked on from now on.
   *
   * @throws DomainError STORE_UNAVAILABLE if there are too many.
   */
  enter(response: Loaded): void {
    const load = this.loadOf(response);
    if (load.over) return;
    if (this.underWay >= this.config.MAX_REQUESTS_UNDER_WAY) throw overloaded();
    load.working = true;
    this.underWay++;
  }

  /** Frees the place of a request whose response is ready, or that only waits for events. */
  leave({ [LOAD]: load }: Loaded): void {
    if (load?.working !== true) return;
    load.working = false;
    this.underWay--;
  }

  /**
   * Sets how many bytes a request holds: of its body so far, or of its response that is not sent yet.
   *
   * @throws DomainError STORE_UNAVAILABLE if they do not fit.
   */
  hold(response: Loaded, bytes: number): void {
    const load = this.loadOf(response);
    if (load.over) return;
    const added = bytes - load.bytes;
    const total = load.connection.bytes + added;
    const left = this.config.MAX_BYTES_UNDER_WAY - (this.bytesUnderWay - load.connection.bytes);
    if (added > 0 && total > SMALL && total > left / 2) throw overloaded();
    load.bytes = bytes;
    load.connection.bytes = total;
    this.bytesUnderWay += added;
  }

  private loadOf(response: Loaded): Load {
    if (response[LOAD]) return response[LOAD];
    const socket = response.req.socket as typeof response.req.socket & { [CONNECTION]?: Load['connection'] };
    const connection = (socket[CONNECTION] ??= { bytes: 0 });
    const load: Load = { limits: this, connection, working: false, bytes: 0, over: false };
    response[LOAD] = load;
    whenOver(response, () => {
      this.leave(response);
      this.hold(response, 0);
      load.over = true;
    });
    return load;
  }
}

/** `RequestLimits.hold`, if the request has been counted before. */
export function holdBytes(response: Loaded, bytes: number): void {
  response[LOAD]?.limits.hold(response, bytes);
}

/** Makes a request hold its response, which is ready, instead of a place. */
export function holdResponse(response: Loaded, bytes: number): void {
  holdBytes(response, bytes);
  response[LOAD]?.limits.leave(response);
}

/** Ends the turn of a large body. Call it when its handler is done. */
export function endTurn(response: Loaded): void {
  response[END_TURN]?.();
}

function overloaded(): StoreUnavailableError {
  const message = 'The service has too much to do at the moment; the request is safe to retry.';
  return new StoreUnavailableError(undefined, message);
}
