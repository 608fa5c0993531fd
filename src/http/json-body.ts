import { isUtf8 } from 'node:buffer';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { json, type Request, type RequestHandler } from 'express';
import { DomainError, ValidationFailedError } from './domain-error.js';
import { findNumberFault, hasLongNumber } from './validation/number-fault.js';

/**
 * Reads a JSON body of at most `maxBytes` (after decompression).
 *
 * Any body is read, whatever its content type says, and refused afterwards where that is not JSON: so an empty body
 * needs no type, and a body that is too large is 413 under every type. Bytes that are not UTF-8 are refused too;
 * the parser would put U+FFFD in their place in silence. So are integers that it would alter: what was sent shows in the
 * text only.
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
  if (!isJson(message) || charset !== 'utf-8') {
    throw new DomainError(
      'UNSUPPORTED_MEDIA_TYPE',
      'The body must be sent with Content-Type: application/json, in UTF-8',
    );
  }
  if (!isUtf8(body)) throw new DomainError('MALFORMED_JSON', 'The body is not valid UTF-8');
  if (hasLongNumber(body)) refuseAlteredNumber(body);
}

function refuseAlteredNumber(body: Buffer): void {
  const text = new TextDecoder().decode(body); // without a byte order mark, as the parser reads it
  if (!isParsable(text)) return; // the parser tells what is wrong
  const fault = findNumberFault(text);
  const [, field] = fault?.pointer.split('/') ?? [];
  if (!fault || field === undefined) return; // a body that is nothing but a number is refused for that
  throw new ValidationFailedError([{ field, message: `${fault.pointer} ${fault.reason}` }]);
}

function isParsable(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isJson(message: IncomingMessage): boolean {
  if (message.headers['content-type'] === 'application/json') return true; // as most say it
  return Boolean((message as Request).is(['application/json', 'application/*+json']));
}
