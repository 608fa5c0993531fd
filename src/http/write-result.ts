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
 * Says in the status and the headers of an answer what came of a write.
 *
 * @param represent makes what clients see of the resource.
 * @param location where a new resource can be read.
 * @returns the body of the answer.
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

/**
 * The same for several writes of one request, of which the body tells what came of each.
 *
 * @param represent makes the body.
 */
export function answerWrites<T, Body>(
  response: Response,
  results: readonly WriteResult<T>[],
  represent: (results: readonly WriteResult<T>[]) => Body,
): Body {
  if (!results.some(({ created }) => created))
    response.status(HttpStatus.OK).setHeader('Idempotent-Replayed', 'true');
  return represent(results);
}
