import { isUtf8 } from 'node:buffer';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { json, type Request, type RequestHandler } from 'express';
import { DomainError } from './domain-error.js';

/** The one kind of patch there is (RFC 7396). Plain JSON would not say what a `null` or a list in it means. */
export const MERGE_PATCH = 'application/merge-patch+json';

/**
 * Reads a JSON body of at most `maxBytes` (after decompression).
 *
 * Any body is read, whatever its content type says, and refused afterwards where that is not JSON: so an empty body
 * needs no type, and a body that is too large is 413 under every type. The body of a PATCH must say what kind of patch it
 * is; where it does not, `Accept-Patch` tells (RFC 5789 2.2). Bytes that are not UTF-8 are refused too;
 * the parser would put U+FFFD in their place in silence.
 */
export function jsonBody(maxBytes: number): RequestHandler {
  return json({ limit: maxBytes, type: () => true, strict: false, verify: verifyJson });
}

function verifyJson(
  message: IncomingMessage,
  _response: ServerResponse,
  body: Buffer,
  charset: string,
): void {
  if (body.length === 0) return;
  if (!hasRightType(message) || charset !== 'utf-8') throw wrongType(message);
  if (!isUtf8(body)) throw new DomainError('MALFORMED_JSON', 'The body is not valid UTF-8');
}

function hasRightType(message: IncomingMessage): boolean {
  if (message.method === 'PATCH') return Boolean((message as Request).is(MERGE_PATCH));
  if (message.headers['content-type'] === 'application/json') return true; // as most say it
  return Boolean((message as Request).is(['application/json', 'application/*+json']));
}

function wrongType({ method }: IncomingMessage): DomainError {
  const wanted = method === 'PATCH' ? MERGE_PATCH : 'application/json';
  return new DomainError(
    'UNSUPPORTED_MEDIA_TYPE',
    `The body must be sent with Content-Type: ${wanted}, in UTF-8`,
    method === 'PATCH' ? { headers: { 'Accept-Patch': MERGE_PATCH } } : {},
  );
}
