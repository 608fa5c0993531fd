import { isUtf8 } from 'node:buffer';
import { type IncomingMessage } from 'node:http';
import { raw, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { type AppConfig } from '../config/load-config.js';
import { type Admission } from './admission.js';
import { setDeadline } from './deadline.js';
import { DomainError } from './domain-error.js';
import { LargeBodies } from './large-bodies.js';

/** What is said of a body of another type. */
export const JSON_ONLY = 'The body must be sent with Content-Type: application/json, in UTF-8';

/**
 * Reads the JSON body of a request (of at most `limits.bodyBytes` after decompression), if the request is admitted.
 *
 * Any body is read, whatever its content type says, and refused afterwards where that is not JSON: so an empty body
 * needs no type, and a body that is too large is 413 under every type. Bytes that are not UTF-8 are refused too;
 * a parser would put U+FFFD in their place in silence.
 */
export function readJsonBody({ limits, storeTimeoutMs }: AppConfig, admission: Admission): RequestHandler {
  const read = raw({ limit: limits.bodyBytes, type: () => true });
  const large = new LargeBodies();

  return (request: Request, response: Response, next: NextFunction) => {
    admission.receive(request, response, () => {
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
    read(request, response, (error?: unknown) => {
      if (error !== undefined) {
        if (!admission.isOver(response)) next(error);
        return;
      }
      const body = Buffer.isBuffer(request.body) ? request.body : NOTHING;
      const parse = () => {
        request.body = parseJson(request, body);
        next();
      };
      attempt(() => {
        if (!admission.work(response, body.length)) return;
        if (!large.isLarge(body.length)) {
          parse();
          return;
        }
        setDeadline(response, next, storeTimeoutMs);
        large.await(response, body.length, () => {
          attempt(parse);
        });
      });
    });
  };
}

const NOTHING = Buffer.alloc(0);
const decoder = new TextDecoder(); // takes off a byte order mark

/** @throws DomainError */
function parseJson(request: Request, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  verifyJson(request, body);
  try {
    return JSON.parse(decoder.decode(body));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DomainError('MALFORMED_JSON', `The body is not valid JSON: ${reason}`, { cause });
  }
}

function verifyJson(message: IncomingMessage, body: Buffer): void {
  if (!isJson(message)) {
    throw new DomainError('UNSUPPORTED_MEDIA_TYPE', JSON_ONLY);
  }
  if (!isUtf8(body)) throw new DomainError('MALFORMED_JSON', 'The body is not valid UTF-8');
}

function isJson(message: IncomingMessage): boolean {
  const type = message.headers['content-type'] ?? '';
  if (type === 'application/json') return true; // as most say it
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type)?.[1] ?? 'utf-8';
  return (
    charset.toLowerCase() === 'utf-8' &&
    Boolean((message as Request).is(['application/json', 'application/*+json']))
  );
}
