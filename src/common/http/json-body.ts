import { isUtf8 } from 'node:buffer';
import { type Duplex, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import {
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { type Request, type Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { limits } from '../../config/config.js';
import { DomainError } from '../errors/domain-error.js';
import { parseUnaltered } from '../validation/altered-numbers.js';
import { isOver, whenOver } from './connections.js';
import { overloaded, type RequestLimits } from './limits.js';
import { isAboutSessions } from './routes.js';

/** The only supported kind of patch (RFC 7396). Plain JSON does not say what `null` or a list means. */
export const MERGE_PATCH = 'application/merge-patch+json';

/** The methods whose routes take a body. */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PATCH']);

/** The route whose bodies may be larger. */
const BATCH = '/sessions/:sessionId/events/batch';

/** Who sends more than 1,000 pieces of fewer bytes on average is disconnected: a piece takes as long as a kilobyte. */
const TINY_BYTES = 32;

/** What keeping a piece of a body takes besides its bytes, however small it is. */
const BYTES_PER_PIECE = 128;

/**
 * Reads the body of a request, if its route takes one, as bytes.
 *
 * It is a guard because guards run once the route is known and before anything needs the body. Where no route takes a
 * body, none is read: Node discards it after the response.
 *
 * The body is read here and not by `express.json()`, which can't tell how much it holds of a body that is still
 * arriving or being decompressed.
 */
export class BodyGuard implements CanActivate {
  constructor(private readonly limits: RequestLimits) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const http = context.switchToHttp();
    const [request, response] = [http.getRequest<Request>(), http.getResponse<Response>()];
    if (WITH_BODY.has(request.method)) {
      request.body = await this.read(request, response);
      whenOver(response, () => (request.body = undefined)); // it may still wait for its turn
    }
    return true;
  }

  private async read(request: Request, response: Response): Promise<Buffer> {
    const { path } = request.route as { path: string };
    const limit = path === BATCH ? limits.MAX_BATCH_BODY_BYTES : limits.MAX_BODY_BYTES;
    const content = decompressed(request);
    const pieces: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const piece of content.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        pieces.push(piece);
        bytes += piece.length;
        if (pieces.length > 1000 && bytes < pieces.length * TINY_BYTES) request.socket.destroy();
        if (bytes > limit) throw new DomainError('PAYLOAD_TOO_LARGE', 'The body is larger than the limit');
        this.limits.hold(response, bytes + pieces.length * BYTES_PER_PIECE);
      }
    } catch (error) {
      request.unpipe().resume(); // to its end, so that the client can read the response
      if (content !== request) content.destroy(); // or its memory stays until some garbage collection
      if (error instanceof DomainError) throw error;
      throw new DomainError('BAD_REQUEST', `The body can't be read: ${(error as Error).message}`);
    }
    return Buffer.concat(pieces, bytes);
  }
}

/** Admits requests, and parses their bodies, large ones when it is their turn. */
export class BodyInterceptor implements NestInterceptor {
  constructor(private readonly limits: RequestLimits) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const [request, response] = [http.getRequest<Request>(), http.getResponse<Response>()];
    const handle = () => {
      if (isOver(response)) throw overloaded();
      if (request.body) request.body = parseJson(request, request.body as Buffer);
      if (isAboutSessions(request)) this.limits.enter(response); // probes are answered under any load
      return next.handle();
    };
    const queue = this.limits.queueFor((request.body as Buffer | undefined)?.length ?? 0);
    return queue ? from(queue(() => lastValueFrom(handle(), { defaultValue: undefined }))) : handle();
  }
}

const BY_ENCODING = { gzip: createGunzip, deflate: createInflate, br: createBrotliDecompress };
const DECOMPRESSORS = new Map<string, () => Duplex>(Object.entries(BY_ENCODING));

/** @throws DomainError UNSUPPORTED_MEDIA_TYPE */
function decompressed(request: Request): Readable {
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding === 'identity') return request;
  const decompressor = DECOMPRESSORS.get(encoding)?.();
  if (!decompressor) {
    throw new DomainError('UNSUPPORTED_MEDIA_TYPE', `The content encoding "${encoding}" is not supported`);
  }
  request.once('error', (error) => decompressor.destroy(error));
  return request.pipe(decompressor);
}

const decoder = new TextDecoder(); // removes a byte order mark

/**
 * Bytes that are not UTF-8 are refused, since a parser would silently replace them with U+FFFD.
 *
 * @returns undefined for an empty body, which needs no type.
 * @throws DomainError
 */
function parseJson(request: Request, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!hasRightType(request)) throw wrongType(request);
  if (!isUtf8(body)) throw new DomainError('MALFORMED_JSON', 'The body is not valid UTF-8');
  try {
    return parseUnaltered(decoder.decode(body), body);
  } catch (cause) {
    throw new DomainError('MALFORMED_JSON', `The body is not valid JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
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
  const isPatch = method === 'PATCH';
  const sentence = `The body must be sent with Content-Type: ${isPatch ? MERGE_PATCH : 'application/json'}, in UTF-8`;
  const headers: Record<string, string> = isPatch ? { 'Accept-Patch': MERGE_PATCH } : {};
  return new DomainError('UNSUPPORTED_MEDIA_TYPE', sentence, { headers });
}
