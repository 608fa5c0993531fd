import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Request, type Response } from 'express';

/** What a client wants for a replay with other content: the stored content, or an error. */
export type Handling = 'lenient' | 'strict';

/** The preferences of a header, separated by commas outside of quotes. */
const PREFERENCE = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;

/**
 * Reads `handling` from a `Prefer` header (RFC 7240): the first one counts, names are case-insensitive, a value may
 * be quoted, parameters after `;` and unknown preferences are ignored, and so is a malformed header.
 */
export function readHandling(prefer: string | undefined): Handling {
  const handling = prefer
    ?.match(PREFERENCE)
    ?.find((preference) => /^\s*handling\s*(?:[=;]|$)/i.test(preference));
  return handling !== undefined && /^\s*handling\s*=\s*("?)strict\1\s*(?:;|$)/i.test(handling)
    ? 'strict'
    : 'lenient';
}

/**
 * The `Handling` that a request prefers, as a handler's parameter. The response states that it was applied, even if it
 * is an error.
 */
export const PreferredHandling = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Handling => {
    const http = context.switchToHttp();
    const handling = readHandling(http.getRequest<Request>().get('prefer'));
    if (handling === 'strict')
      http.getResponse<Response>().setHeader('Preference-Applied', 'handling=strict');
    return handling;
  },
);
