import { type Request, type Response } from 'express';
import { StoreUnavailableError } from './domain-error.js';

/** The paths that need the store. What tells of the service's own state is answered under any load. */
const STORED = '/sessions';

/**
 * Refuses requests that need the store while `max` others are under way, before their bodies are read: what the store
 * can't keep up with would only fill the memory, and be answered too late to be of use.
 */
export class LoadShedding {
  private underWay = 0;
  private readonly leave = () => {
    this.underWay--;
  };

  constructor(private readonly max: number) {}

  /** @throws StoreUnavailableError where the request is one too many. */
  admit(request: Request, response: Response): void {
    if (!request.url.startsWith(STORED)) return;
    if (this.underWay >= this.max) throw new StoreUnavailableError();
    this.underWay++;
    response.on('close', this.leave);
  }
}
