import { isUtf8 } from 'node:buffer';
import { type IncomingMessage } from 'node:http';
import { raw, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { type AppConfig, type Limits } from '../../config/load-config.js';
import { statedLength, type Admission } from './admission.js';
import { setDeadline } from './deadline.js';
import { DomainError, ValidationFailedError, type ErrorDetail } from '../errors/domain-error.js';
import { LargeBodies } from './large-bodies.js';
import { type JsonFault } from '../validation/json-fault.js';
import { findNumberFault, hasLongNumber } from '../validation/number-fault.js';

/** The only supported kind of patch (RFC 7396). Plain JSON does not say what `null` or a list means. */
export const MERGE_PATCH = 'application/merge-patch+json';

const sentAs = (type: string) => `The body must be sent with Content-Type: ${type}, in UTF-8`;

/** Paths of batches, whose bodies may be larger; Express ignores their case. */
const BATCH = /^\/sessions\/[^/?]+\/events\/batch\/?(\?|$)/i;

/** A place inside a field of an event of a batch: its index, and the pointer within it. */
const IN_BATCH = /^\/events\/(\d+)(\/([^/]*)[^]*)$/;

/** The error for a body of another type. */
export const JSON_ONLY = sentAs('application/json');

/**
 * Reads the JSON body of a request (of at most `bodyLimitOf` bytes), if the request is admitted.
 *
 * A body is read whatever its content type, and refused afterwards if the type is not JSON. So an empty body needs no
 * type, and a body that is too large is 413 under every type. The body of a PATCH must state its kind of patch; if it
 * does not, the response has `Accept-Patch` (RFC 5789 2.2). Bytes that are not UTF-8 are refused, since a parser would
 * silently replace them with U+FFFD, and so are integers that parsing would change: only the text shows what was sent.
 */
export function readJsonBody({ limits, storeTimeoutMs }: AppConfig, admission: Admission): RequestHandler {
  const readers = new Map(
    [limits.bodyBytes, limits.batchBodyBytes].map((limit) => [limit, raw({ limit, type: () => true })]),
  );
  const large = new LargeBodies();

  return (request: Request, response: Response, next: NextFunction) => {
    const limit = bodyLimitOf(request, limits);
    admission.receive(request, response, limit, () => {
      response.setHeader('Connection', 'close');
      next(new DomainError('REQUEST_TIMEOUT', 'The request did not arrive whole in time'));
    });
    const attempt = (step: () => void) => {
      try {
        step();
      } catch (refusal) {
        next(refusal);
      }
    };
    const length = statedLength(request) ?? 0;
    const read = length > 0 && length <= limit ? readAsItIs : readers.get(limit);
    read?.(request, response, (error?: unknown) => {
      if (error !== undefined) {
        if (!admission.isOver(response)) next(explained(error));
        return;
      }
      const body = Buffer.isBuffer(request.body) ? request.body : NOTHING;
      const take = () => {
        request.body = parseJson(request, body);
        next();
      };
      attempt(() => {
        if (!admission.work(response, body.length)) return;
        if (!large.isLarge(body.length)) {
          take();
          return;
        }
        setDeadline(response, next, storeTimeoutMs);
        large.await(response, body.length, () => {
          attempt(take);
        });
      });
    });
  };
}

/** The most bytes that the body of a request may have, after decompression. */
function bodyLimitOf({ url }: Request, { bodyBytes, batchBodyBytes }: Limits): number {
  return BATCH.test(url) ? batchBodyBytes : bodyBytes;
}

/**
 * Reads a body with a valid Content-Length, as nearly all have; Node enforces the length. `raw` would add 13 µs to an
 * append of 254.
 */
function readAsItIs(request: Request, _response: Response, next: NextFunction): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    request.body = Buffer.concat(chunks);
    next();
  });
}

/** The error of a body that could not be read. Of its kinds, only a failed decompression does not say what failed. */
function explained(error: unknown): unknown {
  const { status, type, message } = error as { status?: number; type?: string; message: string };
  return status === 400 && type === undefined // as `raw` names its own errors
    ? new DomainError('BAD_REQUEST', `The body can't be decompressed: ${message}`, { cause: error })
    : error;
}

const NOTHING = Buffer.alloc(0);
const decoder = new TextDecoder(); // removes a byte order mark

/** @throws DomainError */
function parseJson(request: Request, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!hasRightType(request)) throw wrongType(request);
  if (!isUtf8(body)) throw new DomainError('MALFORMED_JSON', 'The body is not valid UTF-8');
  const text = decoder.decode(body);
  const value = parse(text);
  if (hasLongNumber(body)) refuseAlteredNumber(text);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DomainError('MALFORMED_JSON', `The body is not valid JSON: ${reason}`, { cause });
  }
}

function refuseAlteredNumber(text: string): void {
  const fault = findNumberFault(text);
  if (!fault || fault.pointer === '') return; // a body that is only a number is refused for that reason
  throw new ValidationFailedError([detailOf(fault)]);
}

/** Names the place as `RequestValidationPipe` does. */
function detailOf({ pointer, reason }: JsonFault): ErrorDetail {
  const [, index, inside = '', name = ''] = IN_BATCH.exec(pointer) ?? [];
  return index === undefined
    ? { field: pointer.split('/')[1] ?? '', message: `${pointer} ${reason}` }
    : { field: `events[${index}].${name}`, message: `events[${index}]: ${inside} ${reason}` };
}

function hasRightType(message: IncomingMessage): boolean {
  const type = message.headers['content-type'] ?? '';
  const isPatch = message.method === 'PATCH';
  if (type === 'application/json' && !isPatch) return true; // the usual case
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type)?.[1] ?? 'utf-8';
  const wanted = isPatch ? MERGE_PATCH : ['application/json', 'application/*+json'];
  return charset.toLowerCase() === 'utf-8' && Boolean((message as Request).is(wanted));
}

function wrongType({ method }: IncomingMessage): DomainError {
  return method === 'PATCH'
    ? new DomainError('UNSUPPORTED_MEDIA_TYPE', sentAs(MERGE_PATCH), {
        headers: { 'Accept-Patch': MERGE_PATCH },
      })
    : new DomainError('UNSUPPORTED_MEDIA_TYPE', JSON_ONLY);
}
