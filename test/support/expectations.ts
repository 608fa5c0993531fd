import { STATUS_CODES } from 'node:http';
import { expect } from '@jest/globals';
import { errorCatalogue, type ErrorCode } from '../../src/common/errors/error-catalogue.js';
import { type Answer } from './http.js';
import { type ErrorBody } from './representations.js';

/** A time as the service writes it: ISO 8601, UTC, milliseconds. */
export const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Faults that an answer names, at most; of more, one sentence says how many. */
const MAX_DETAILS = 20;

const KEYS = ['statusCode', 'error', 'code', 'message', 'path', 'method', 'timestamp', 'requestId'];

/**
 * Expects an error with everything that the contract says of its shape.
 *
 * @param field where given, `details` must name it.
 * @returns the body, to look at the rest.
 */
export function expectError(answer: Answer, code: ErrorCode, field?: string): ErrorBody {
  const { status } = errorCatalogue[code];
  const body = answer.body as ErrorBody;
  expect(body).toMatchObject({ statusCode: status, code, error: STATUS_CODES[status] });
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(Object.keys(body).filter((key) => key !== 'details')).toEqual(KEYS);
  expect(body.timestamp).toMatch(ISO_TIME);
  expect(body.path).toMatch(/^\//);
  expect(body.method).toMatch(/^[A-Z]+$/);
  expect(body.requestId).toBe(answer.headers['x-request-id']);
  expectMessages(body);
  if (code === 'METHOD_NOT_ALLOWED') expect(answer.headers.allow).toMatch(/^[A-Z]+(, [A-Z]+)*$/);
  if (code === 'STORE_UNAVAILABLE') expect(answer.headers['retry-after']).toMatch(/^\d+$/);
  if (field !== undefined) expect(body.details?.map((detail) => detail.field)).toContain(field);
  return body;
}

/** The message is a sentence; or an array of them, and then `details` says whose each is. */
function expectMessages({ message, details }: ErrorBody): void {
  if (details === undefined) {
    expect(message).toEqual(expect.stringMatching(/\S/));
    return;
  }
  expect(details.length).toBeGreaterThan(0);
  const rest = details.length === MAX_DETAILS ? message.slice(MAX_DETAILS) : [];
  for (const sentence of rest) expect(sentence).toMatch(/^\d+ more faults? (is|are) not named$/);
  expect(message).toEqual([...details.map((detail) => detail.message), ...rest]);
  for (const detail of details) {
    expect(detail).toEqual({ field: expect.stringMatching(/\S/), message: expect.stringMatching(/\S/) });
  }
}

/** Expects the answer to a write that was done before. */
export function expectReplay(answer: Answer, { mismatch = false } = {}): void {
  expect(answer.status).toBe(200);
  expect(answer.headers['idempotent-replayed']).toBe('true');
  expect(answer.headers['idempotent-mismatch']).toBe(mismatch ? 'true' : undefined);
}

/** Expects the answer to a write that this very request did. */
export function expectFirst(answer: Answer, status = 201): void {
  expect(answer.status).toBe(status);
  expect(answer.headers).not.toHaveProperty('idempotent-replayed');
  expect(answer.headers).not.toHaveProperty('idempotent-mismatch');
}
