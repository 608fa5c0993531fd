import { HttpStatus } from '@nestjs/common';
import { type Response } from 'express';

/** The result of a write that is safe to retry. */
export interface WriteResult<T> {
  /** What is stored now. */
  readonly resource: T;
  /** False if the resource existed already: the request was a replay. */
  readonly created: boolean;
  /** True if a replay had other content than what is stored. */
  readonly differs: boolean;
}

/** This write created the resource. */
export function created<T>(resource: T): WriteResult<T> {
  return { resource, created: true, differs: false };
}

/** The resource existed already and is unchanged. */
export function replayed<T>(resource: T, differs: boolean): WriteResult<T> {
  return { resource, created: false, differs };
}

/**
 * Sets the status and headers of a response according to the result of a write.
 *
 * @param represent converts the resource to what clients see.
 * @param location the path of a new resource.
 * @returns the body of the response.
 */
export function answerWrite<T, Body>(
  response: Response,
  { resource, created, differs }: WriteResult<T>,
  represent: (resource: T) => Body,
  location?: string,
): Body {
  if (!created) response.status(HttpStatus.OK).setHeader('Idempotent-Replayed', 'true');
  else if (location !== undefined) response.setHeader('Location', location);
  if (differs) response.setHeader('Idempotent-Mismatch', 'true');
  return represent(resource);
}

/** The same for several writes of one request, whose body has the result of each. */
export function answerWrites(response: Response, results: readonly WriteResult<unknown>[]): void {
  if (results.some(({ created }) => created)) return;
  response.status(HttpStatus.OK).setHeader('Idempotent-Replayed', 'true');
}
