import { type Response } from 'express';

/**
 * What a browser may do with an answer of JSON: nothing but read it, where CORS lets it; by OWASP's REST Security Cheat
 * Sheet. Pages set a policy of their own. All of helmet's defaults would be longer than most of the answers.
 */
const HEADERS = [
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
] as const;

export function setSecurityHeaders(response: Response): void {
  for (const [name, value] of HEADERS) response.setHeader(name, value);
}
