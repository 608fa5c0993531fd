import { Injectable } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { AppConfig } from '../../config/load-config.js';
import { whenOver } from './connections.js';
import { StoreUnavailableError } from '../errors/domain-error.js';

/** Paths that need the store; Express ignores their case. Health and metrics are answered under any load. */
const ABOUT_SESSIONS = /^\/sessions/i;

/** How long a client may always take to send or receive. After that, it is cut off if others need the room. */
const GRACE_MS = 1000;

/** Whether a request is about sessions and their events, whether or not a route takes it. */
export function isAboutSessions({ url }: Request): boolean {
  return ABOUT_SESSIONS.test(url);
}

/** A request, from its head to the end of its response. */
interface Visit {
  /** Receiving its body, being processed, released (see `release`), sending its response, or over. */
  stage: 'arriving' | 'working' | 'released' | 'leaving' | 'over';
  /** Bytes of its body, later of its response. */
  bytes: number;
  /** When it began to wait for its client. */
  since: number;
  /** Ends it to make room. */
  cut: () => void;
}

const VISIT = Symbol('visit');

/** A response with the visit that it ends: see `Timed` in deadline.ts. */
type Visited = Response & { [VISIT]?: Visit };

/**
 * Admission control: limits the concurrent requests, and the bytes of their bodies and responses.
 *
 * Work that the store can't keep up with would only fill the memory and be answered too late. So while
 * `maxRequestsUnderWay` requests are being processed, further ones are refused, their bodies unread. A request that
 * waits for its client is not being processed, so clients that send or read slowly take no place from others. They do
 * take memory, which `maxBytesUnderWay` limits; when that is used up, the client that has kept the service waiting for
 * longest is disconnected.
 */
@Injectable()
export class Admission {
  private working = 0;
  private bytes = 0;
  /** Requests that wait for their clients, the longest waiting first. */
  private readonly waiting = new Set<Visit>();

  constructor(private readonly config: AppConfig) {}

  /** Requests being processed. */
  get underWay(): number {
    return this.working;
  }

  /** Requests whose bodies or responses are being transferred. */
  get inTransit(): number {
    return this.waiting.size;
  }

  /** Bytes of the bodies and responses of all requests. */
  get bytesUnderWay(): number {
    return this.bytes;
  }

  /**
   * Call it when the head of a request has arrived.
   *
   * @param limit the most bytes that its body may have.
   * @param cut ends the request if it has to make room before its body has arrived.
   * @throws StoreUnavailableError if there are too many.
   */
  receive(request: Request, response: Visited, limit: number, cut: () => void): void {
    if (!isAboutSessions(request)) return;
    if (this.working >= this.config.maxRequestsUnderWay) throw new StoreUnavailableError();
    const visit: Visit = { stage: 'arriving', bytes: 0, since: 0, cut };
    const bytes = Math.min(statedLength(request) ?? limit, limit);
    if (bytes > 0) this.wait(visit, bytes, this.config.maxRequestsUnderWay);
    response[VISIT] = visit;
    whenOver(response, () => {
      this.leave(visit);
    });
  }

  /**
   * Frees the place and the body's bytes of a request that is being processed: one that only waits for events needs
   * neither.
   */
  release(response: Visited): void {
    const visit = response[VISIT];
    if (visit?.stage !== 'working') return;
    visit.stage = 'released';
    this.working--;
    this.resize(visit, 0);
  }

  /**
   * Call it when a request has arrived completely, with the number of bytes of its body.
   *
   * @returns false if it is over already, and must not be processed.
   * @throws StoreUnavailableError if there are too many.
   */
  work(response: Visited, bytes: number): boolean {
    const visit = response[VISIT];
    if (!visit) return true;
    if (visit.stage === 'over') return false;
    if (this.working >= this.config.maxRequestsUnderWay) throw new StoreUnavailableError();
    this.waiting.delete(visit);
    this.resize(visit, bytes);
    visit.stage = 'working';
    this.working++;
    return true;
  }

  /**
   * Call it when a response of this many bytes is ready.
   *
   * @throws StoreUnavailableError if other responses that have not been read yet have too many bytes.
   */
  answer(response: Visited, bytes: number): void {
    const visit = response[VISIT];
    if (visit?.stage !== 'working' && visit?.stage !== 'released') return;
    visit.cut = () => {
      response.req.socket.destroy();
    };
    this.wait(visit, bytes);
    if (visit.stage === 'working') this.working--;
    visit.stage = 'leaving';
  }

  /** Whether an admitted request has been answered, was cut off, or its client has left. */
  isOver(response: Visited): boolean {
    return response[VISIT]?.stage === 'over';
  }

  /** Lets a request of this many bytes wait for its client, if there is room or room can be made. */
  private wait(visit: Visit, bytes: number, most = Infinity): void {
    const fits = () =>
      this.waiting.size < most && this.bytes - visit.bytes + bytes <= this.config.maxBytesUnderWay;
    const now = performance.now();
    for (const oldest of this.waiting) {
      if (fits() || now - oldest.since < GRACE_MS) break;
      this.leave(oldest);
      oldest.cut();
    }
    if (!fits()) throw new StoreUnavailableError();
    this.resize(visit, bytes);
    visit.since = now;
    this.waiting.add(visit);
  }

  private leave(visit: Visit): void {
    if (visit.stage === 'working') this.working--;
    visit.stage = 'over';
    this.waiting.delete(visit);
    this.resize(visit, 0);
  }

  private resize(visit: Visit, bytes: number): void {
    this.bytes += bytes - visit.bytes;
    visit.bytes = bytes;
  }
}

/**
 * The length of a body according to its head, 0 if it has none; undefined if only its end tells (chunked or
 * compressed).
 */
export function statedLength({ headers }: Request): number | undefined {
  if (headers['transfer-encoding'] !== undefined || headers['content-encoding'] !== undefined)
    return undefined;
  return Number(headers['content-length'] ?? 0);
}
