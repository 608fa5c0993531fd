import { Injectable } from '@nestjs/common';
import { type NextFunction, type Request, type Response } from 'express';
import { AppConfig } from '../config/load-config.js';
import { DomainError, StoreUnavailableError } from './domain-error.js';
import { whenOver } from './connections.js';

/** The paths that need the store. What tells of the service's own state is answered under any load. */
const STORED = '/sessions';

/** How long a body may take in any case; a request that takes longer makes room where many others wait. */
const GRACE_MS = 1000;

/**
 * How many requests may be under way at once, and how many bytes of bodies they may bring.
 *
 * What the store can't keep up with would only fill the memory and be answered too late to be of use: so a request is
 * refused before its body is read while `max` others are worked on. Those whose bodies are still on their way take no
 * place of these. There may be as many of them again; one more is let in for the one that has been sending for longest,
 * so that clients who send slowly hold up nobody but each other.
 */
@Injectable()
export class Admission {
  private working = 0;
  private bytes = 0;
  /** The requests whose bodies are on their way, oldest first, with when they began and how to end them. */
  private readonly receiving = new Map<Request, { readonly since: number; readonly end: () => void }>();

  constructor(private readonly config: AppConfig) {}

  /** Requests that are worked on. */
  get underWay(): number {
    return this.working;
  }

  /** Requests whose bodies are on their way. */
  get arriving(): number {
    return this.receiving.size;
  }

  /** Bytes of bodies on their way or worked on, and of answers that their clients have not taken yet. */
  get bytesUnderWay(): number {
    return this.bytes;
  }

  /**
   * To be called when the head of a request is there.
   *
   * @param next takes the error with which a request is ended that has to make room.
   * @throws StoreUnavailableError where the request is one too many.
   */
  receive(request: Request, response: Response, next: NextFunction): void {
    if (!request.url.startsWith(STORED)) return;
    const bytes = this.announcedBytes(request);
    if (this.working >= this.config.maxRequestsUnderWay || this.bytes + bytes > this.config.maxBytesUnderWay)
      throw new StoreUnavailableError();
    if (bytes > 0) this.makeRoom();
    this.bytes += bytes;
    this.receiving.set(request, {
      since: performance.now(),
      end: () => {
        response.setHeader('Connection', 'close');
        next(new DomainError('REQUEST_TIMEOUT', 'The request did not arrive whole in time'));
      },
    });
    whenOver(request, response, () => {
      this.bytes -= bytes;
      this.receiving.delete(request);
    });
  }

  /**
   * To be called when a request is there with its body.
   *
   * @throws StoreUnavailableError where it is one too many.
   */
  work(request: Request, response: Response): void {
    if (!this.receiving.delete(request)) return;
    if (this.working >= this.config.maxRequestsUnderWay) throw new StoreUnavailableError();
    this.working++;
    whenOver(request, response, () => {
      this.working--;
    });
  }

  /**
   * To be called before an answer of so many bytes is sent.
   *
   * @throws StoreUnavailableError where too many bytes of other answers are not taken yet.
   */
  holdAnswer(response: Response, bytes: number): void {
    if (this.bytes > 0 && this.bytes + bytes > this.config.maxBytesUnderWay)
      throw new StoreUnavailableError();
    this.bytes += bytes;
    whenOver(response.req, response, () => {
      this.bytes -= bytes;
    });
  }

  private makeRoom(): void {
    if (this.receiving.size < this.config.maxRequestsUnderWay) return;
    const [oldest] = this.receiving.values();
    if (!oldest || performance.now() - oldest.since < GRACE_MS) throw new StoreUnavailableError();
    oldest.end();
  }

  private announcedBytes(request: Request): number {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    const limit = this.config.limits.bodyBytes;
    return encoding === undefined ? Math.min(Number(length ?? 0), limit) : limit;
  }
}
