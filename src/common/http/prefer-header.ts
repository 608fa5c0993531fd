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
export function readHandling(prefer: string | undefined): Handling | undefined {
  const handling = prefer
    ?.match(PREFERENCE)
    ?.find((preference) => /^\s*handling\s*(?:[=;]|$)/i.test(preference));
  const [, , value] = /^\s*handling\s*=\s*("?)(strict|lenient)\1\s*(?:;|$)/i.exec(handling ?? '') ?? [];
  return value?.toLowerCase() as Handling | undefined;
}

/**
 * The `Handling` that a request prefers, as a handler's parameter. The response states that it was applied, even if it
 * is an error.
 */
export const PreferredHandling = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Handling => {
    const http = context.switchToHttp();
    const handling = readHandling(http.getRequest<Request>().get('prefer'));
    if (handling !== 'strict') return 'lenient';
    http.getResponse<Response>().setHeader('Preference-Applied', 'handling=strict');
    return handling;
  },
);

/**
 * Whether a request asks for `handling=lenient`, as a handler's parameter: to do what can be done of it, and leave out
 * what is faulty. The response states that it was applied.
 */
export const PrefersLenient = createParamDecorator((_data: unknown, context: ExecutionContext): boolean => {
  const http = context.switchToHttp();
  const lenient = readHandling(http.getRequest<Request>().get('prefer')) === 'lenient';
  if (lenient) http.getResponse<Response>().setHeader('Preference-Applied', 'handling=lenient');
  return lenient;
});
