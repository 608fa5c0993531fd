import { Injectable } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { AppConfig } from '../config/load-config.js';
import { whenOver } from './connections.js';
import { StoreUnavailableError } from './domain-error.js';

/**
 * Paths that need the store, in either case, as Express takes both. Health and metrics are answered under any load.
 */
const ABOUT_SESSIONS = /^\/sessions/i;

/** How long a client may always take to send or receive. After that, it is cut off if others need the room. */
const GRACE_MS = 1000;

/** Whether a request is about sessions and their events, whatever becomes of it. */
export function isAboutSessions({ url }: Request): boolean {
  return ABOUT_SESSIONS.test(url);
}

/** A request from its head to the end of its answer. */
interface Visit {
  /** Whether it waits for its client's body, for the service, for its client to take the answer, or is over. */
  stage: 'arriving' | 'working' | 'released' | 'leaving' | 'over';
  /** Of its body, then of its answer. */
  bytes: number;
  /** When it began to wait for its client. */
  since: number;
  /** Ends it to make room. */
  cut: () => void;
}

const VISIT = Symbol('visit');

/** A response, and the visit that it ends: see `Timed` of the deadline. */
type Visited = Response & { [VISIT]?: Visit };

/**
 * How many requests may be under way at once, and how many bytes of bodies and answers.
 *
 * What the store can't keep up with would only fill the memory and be answered too late to be of use: so a request is
 * refused, its body unread, while `maxRequestsUnderWay` others are worked on. One that waits for its client is not
 * worked on: a client that sends or reads slowly takes no place from others. It takes memory, which is bounded by
 * `maxBytesUnderWay`; when that is full, whoever has kept the service waiting for longest is cut off.
 */
@Injectable()
export class Admission {
  private working = 0;
  private bytes = 0;
  /** Requests that wait for their clients, the longest waiting first. */
  private readonly waiting = new Set<Visit>();

  constructor(private readonly config: AppConfig) {}

  /** Requests that are processed. */
  get underWay(): number {
    return this.working;
  }

  /** Requests whose bodies or answers are being transferred. */
  get inTransit(): number {
    return this.waiting.size;
  }

  /** Bytes of the bodies and answers of all of these. */
  get bytesUnderWay(): number {
    return this.bytes;
  }

  /**
   * To be called when the head of a request is there.
   *
   * @param limit bytes that its body may have.
   * @param cut ends the request where it has to make room before its body has come.
   * @throws StoreUnavailableError where it is one too many.
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
   * Gives the place of a request that is worked on to others, and its body's bytes: one that only waits for something to
   * happen needs neither.
   */
  release(response: Visited): void {
    const visit = response[VISIT];
    if (visit?.stage !== 'working') return;
    visit.stage = 'released';
    this.working--;
    this.resize(visit, 0);
  }

  /**
   * To be called when a request is there with its body, of so many bytes.
   *
   * @returns false where it is over already, and nothing is to be done any more.
   * @throws StoreUnavailableError where it is one too many.
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
   * To be called when a request is answered, by so many bytes.
   *
   * @throws StoreUnavailableError where too many bytes of other answers are not taken yet.
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

  /** Whether a request that was let in has been answered, has been cut off, or has left. */
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

/** The bytes that a body has by its head, 0 without one; undefined where only its end tells, as of chunks and what is compressed. */
export function statedLength({ headers }: Request): number | undefined {
  if (headers['transfer-encoding'] !== undefined || headers['content-encoding'] !== undefined)
    return undefined;
  return Number(headers['content-length'] ?? 0);
}
