import { isUtf8 } from 'node:buffer';
import { type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { type CanActivate, type ExecutionContext } from '@nestjs/common';
import { type NextFunction, type Request, type Response } from 'express';
import { type AppConfig } from '../../config/load-config.js';
import { DomainError, ValidationFailedError, type ErrorDetail } from '../errors/domain-error.js';
import { type JsonFault } from '../validation/json-fault.js';
import { findNumberFault, hasLongNumber } from '../validation/number-fault.js';
import { setDeadline } from './deadline.js';
import { type RequestLimits } from './limits.js';
import { isAboutSessions } from './routes.js';

/** The only supported kind of patch (RFC 7396). Plain JSON does not say what `null` or a list means. */
export const MERGE_PATCH = 'application/merge-patch+json';

const sentAs = (type: string) => `The body must be sent with Content-Type: ${type}, in UTF-8`;

/** The error for a body of another type. */
export const JSON_ONLY = sentAs('application/json');

/** The methods whose routes take a body. */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PATCH']);

/** The route whose bodies may be larger. */
const BATCH = '/sessions/:sessionId/events/batch';

/** A place inside a field of an event of a batch: its index, and the pointer within it. */
const IN_BATCH = /^\/events\/(\d+)(\/([^/]*)[^]*)$/;

/** What keeping a piece of a body takes besides its bytes, however small it is. */
const BYTES_PER_PIECE = 128;

/**
 * Reads the JSON body of a request, if its route takes one, and admits the request.
 *
 * It is a guard because guards run once the route is known and before pipes need the body. Where no route takes a body,
 * none is read: Node discards it after the response.
 *
 * The body is read here and not by `express.json()`, which can't tell how much it holds of a body that is still
 * arriving or being decompressed.
 */
export class JsonBodyGuard implements CanActivate {
  constructor(
    private readonly config: AppConfig,
    private readonly limits: RequestLimits,
  ) {}

  canActivate(context: ExecutionContext): true | Promise<true> {
    const http = context.switchToHttp();
    const [request, response] = [http.getRequest<Request>(), http.getResponse<Response>()];
    if (!WITH_BODY.has(request.method)) return this.admit(request, response);
    return this.readJson(request, response, http.getNext());
  }

  private async readJson(request: Request, response: Response, next: NextFunction): Promise<true> {
    const body = await this.read(request, response);
    setDeadline(response, next, this.config.storeTimeoutMs);
    await this.limits.turn(response, body.length);
    request.body = parseJson(request, body);
    return this.admit(request, response);
  }

  /** Health and metrics are answered under any load. */
  private admit(request: Request, response: Response): true {
    if (isAboutSessions(request)) this.limits.enter(response);
    return true;
  }

  private read(request: Request, response: Response): Promise<Buffer> {
    const { bodyBytes, batchBodyBytes } = this.config.limits;
    const { path } = request.route as { path: string };
    const limit = path === BATCH ? batchBodyBytes : bodyBytes;
    const { 'content-length': length, 'transfer-encoding': isChunked } = request.headers;
    if (isChunked === undefined && Number(length ?? 0) === 0) return Promise.resolve(Buffer.alloc(0));
    if (Number(length) > limit) throw tooLarge();

    return new Promise((resolve, reject) => {
      const content = decompressed(request);
      const pieces: Buffer[] = [];
      let bytes = 0;
      const fail = (error: Error) => {
        content.off('data', take);
        request.unpipe().resume(); // to its end, so that the client can read the response
        if (content !== request) content.destroy();
        reject(error);
      };
      const take = (piece: Buffer) => {
        try {
          pieces.push(piece);
          bytes += piece.length;
          if (bytes > limit) throw tooLarge();
          this.limits.hold(response, bytes + pieces.length * BYTES_PER_PIECE);
        } catch (refusal) {
          fail(refusal as DomainError);
        }
      };
      content.on('data', take).once('end', () => {
        resolve(Buffer.concat(pieces, bytes));
      });
      request.once('error', () => {
        fail(new DomainError('BAD_REQUEST', 'The body was cut off'));
      });
      if (content !== request) {
        content.once('error', ({ message }) => {
          fail(new DomainError('BAD_REQUEST', `The body can't be decompressed: ${message}`));
        });
      }
    });
  }
}

/** @throws DomainError UNSUPPORTED_MEDIA_TYPE */
function decompressed(request: Request): Readable {
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  switch (encoding) {
    case 'identity':
      return request;
    case 'gzip':
      return request.pipe(createGunzip());
    case 'deflate':
      return request.pipe(createInflate());
    case 'br':
      return request.pipe(createBrotliDecompress());
    default:
      throw new DomainError('UNSUPPORTED_MEDIA_TYPE', `The content encoding "${encoding}" is not supported`);
  }
}

function tooLarge(): DomainError {
  return new DomainError('PAYLOAD_TOO_LARGE', 'The body is larger than the limit');
}

const decoder = new TextDecoder(); // removes a byte order mark

/**
 * Bytes that are not UTF-8 are refused, since a parser would silently replace them with U+FFFD, and so are integers that
 * parsing would change: only the text shows what was sent.
 *
 * @returns undefined for an empty body, which needs no type.
 * @throws DomainError
 */
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

function hasRightType(request: Request): boolean {
  const type = request.headers['content-type'] ?? '';
  const isPatch = request.method === 'PATCH';
  if (type === 'application/json' && !isPatch) return true; // the usual case
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type)?.[1] ?? 'utf-8';
  const wanted = isPatch ? MERGE_PATCH : ['application/json', 'application/*+json'];
  return /^utf-?8$/i.test(charset) && Boolean(request.is(wanted));
}

/** The response to a patch of another kind has `Accept-Patch` (RFC 5789 2.2). */
function wrongType({ method }: Request): DomainError {
  return method === 'PATCH'
    ? new DomainError('UNSUPPORTED_MEDIA_TYPE', sentAs(MERGE_PATCH), {
        headers: { 'Accept-Patch': MERGE_PATCH },
      })
    : new DomainError('UNSUPPORTED_MEDIA_TYPE', JSON_ONLY);
}
