import { type Response } from 'express';

/** What a handler returns where its answer is more than a body and the status that its route declares. */
export abstract class Answer {
  /** Sets what the answer says in its status and headers. @returns its body: an object for JSON, or a text as it is. */
  abstract writeHead(response: Response): object | string;
}
