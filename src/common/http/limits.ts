import { Injectable } from '@nestjs/common';
import { type Response } from 'express';
import pLimit from 'p-limit';
import { AppConfig } from '../../config/load-config.js';
import { DomainError } from '../errors/domain-error.js';
import { isOver, whenOver } from './connections.js';

/** What every connection may hold: no more than Node's own buffers for it take. */
const SMALL = 16 * 1024;

/** How many larger bodies are worked on at once: parsed, 4 MiB of `{},{},{}` take 80 MiB. */
const LARGE_AT_ONCE = 4;

/** Requests of one connection that are worked on at once. A client that pipelines more takes no places from others. */
const MAX_PER_CONNECTION = 20;

/** What the requests of one connection hold. */
interface Connection {
  working: number;
  bytes: number;
}

/** What a request holds. */
interface Load {
  readonly limits: RequestLimits;
  readonly connection: Connection;
  working: boolean;
  bytes: number;
  /** Whether nothing of it counts any more, whatever its handler still does. */
  over: boolean;
  /** Ends the turn of a large body. */
  endTurn?: () => void;
}

const LOAD = Symbol('load');
const CONNECTION = Symbol('connection');

/** A response with what its request holds. Not in a WeakMap, whose entries stay until a full collection. */
export type Loaded = Response & { [LOAD]?: Load };

/**
 * Load shedding: limits the requests that are worked on, and the bytes of bodies and responses.
 *
 * - **Requests**: from the arrival of their bodies until their responses are ready. Further ones get 503. A request that
 *   waits for its client, to send or to receive, takes no place from others.
 * - **Bytes** count when they have arrived, and until they are sent. Nothing is reserved for what a client announces. A
 *   connection may hold up to half of what the others leave of `maxBytesUnderWay`: whoever fills it with large responses
 *   leaves room for smaller ones, which are most. 16 KiB fit always, so small requests are never refused for the large
 *   ones of others; they cost no more than the connection itself.
 *
 * - **Large bodies**, over 16 KiB, are worked on a few at a time, each until its response is ready. The others wait,
 * unparsed, while small requests go on.
 *
 * Clients that stop sending or reading are disconnected by Node's time-outs (see `configureApp`).
 */
@Injectable()
export class RequestLimits {
  private working = 0;
  private bytes = 0;
  private readonly turns = pLimit(LARGE_AT_ONCE);

  constructor(private readonly config: AppConfig) {}

  /** Requests being worked on. */
  get underWay(): number {
    return this.working;
  }

  /** Bytes of bodies and responses that are not sent yet. */
  get bytesUnderWay(): number {
    return this.bytes;
  }

  /**
   * Waits until a body may be parsed.
   *
   * @throws DomainError STORE_UNAVAILABLE if its request is over by then.
   */
  async turn(response: Loaded, bytes: number): Promise<void> {
    if (bytes <= SMALL) return;
    const load = this.loadOf(response);
    await new Promise<void>((begin) => {
      void this.turns(async () => {
        begin();
        if (!isOver(response)) await new Promise<void>((end) => (load.endTurn = end));
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
    const isFull = this.working >= this.config.maxRequestsUnderWay;
    if (isFull || load.connection.working >= MAX_PER_CONNECTION) throw overloaded();
    load.working = true;
    load.connection.working++;
    this.working++;
  }

  /** Frees the place of a request whose response is ready, or that only waits for events. */
  leave({ [LOAD]: load }: Loaded): void {
    load?.endTurn?.();
    if (load?.working !== true) return;
    load.working = false;
    load.connection.working--;
    this.working--;
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
    const left = this.config.maxBytesUnderWay - (this.bytes - load.connection.bytes);
    if (added > 0 && total > SMALL && total > left / 2) throw overloaded();
    load.bytes = bytes;
    load.connection.bytes = total;
    this.bytes += added;
  }

  private loadOf(response: Loaded): Load {
    const known = response[LOAD];
    if (known) return known;
    const socket = response.req.socket as typeof response.req.socket & { [CONNECTION]?: Connection };
    const connection = (socket[CONNECTION] ??= { working: 0, bytes: 0 });
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

/** `RequestLimits.hold` for a request that was admitted. */
export function holdBytes(response: Loaded, bytes: number): void {
  response[LOAD]?.limits.hold(response, bytes);
}

function overloaded(): DomainError {
  return new DomainError(
    'STORE_UNAVAILABLE',
    'The service has too much to do at the moment; the request is safe to retry.',
    { headers: { 'Retry-After': '1' } },
  );
}
