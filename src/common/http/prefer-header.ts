import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Request, type Response } from 'express';

/** What a client wants of a request that can't be met in full: what can be done of it, or an error. */
export type Handling = 'lenient' | 'strict';

/** The preferences of a header, separated by commas outside of quotes. */
const PREFERENCE = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;

/**
 * Reads `handling` from a `Prefer` header (RFC 7240): the first one counts, names are case-insensitive, a value may
 * be quoted, parameters after `;` and unknown preferences are ignored, and so is a malformed header.
 */
export function readHandling(prefer: string | undefined): Handling | undefined {
  const handling = prefer
    ?.match(PREFERENCE)
    ?.find((preference) => /^\s*handling\s*(?:[=;]|$)/i.test(preference));
  const [, , value] = /^\s*handling\s*=\s*("?)(strict|lenient)\1\s*(?:;|$)/i.exec(handling ?? '') ?? [];
  return value?.toLowerCase() as Handling | undefined;
}

/**
 * Whether a request prefers this handling, as a handler's parameter. The response states that it was applied, even if it
 * is an error.
 */
export const Prefers = createParamDecorator((handling: Handling, context: ExecutionContext): boolean => {
  const http = context.switchToHttp();
  const isPreferred = readHandling(http.getRequest<Request>().get('prefer')) === handling;
  if (isPreferred) http.getResponse<Response>().setHeader('Preference-Applied', `handling=${handling}`);
  return isPreferred;
});
