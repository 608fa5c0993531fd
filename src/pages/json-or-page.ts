import { type Request, type Response } from 'express';
import { Answer } from '../http/answer.js';
import { pageFor, prefersPage, type Page } from './page.js';

/** Answers a browser with a page, and everyone else with JSON. */
export class JsonOrPage<T extends object> extends Answer {
  /** @param pageOf draws the body as a page. */
  constructor(
    private readonly body: T,
    private readonly pageOf: (body: T, request: Request) => Page,
  ) {
    super();
  }

  override writeHead(response: Response): T | string {
    response.vary('Accept');
    return prefersPage(response.req) ? pageFor(response, this.pageOf(this.body, response.req)) : this.body;
  }
}
