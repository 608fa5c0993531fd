import { createHash } from 'node:crypto';
import { type Request, type Response } from 'express';
import { BASE_CSS } from './base.css.js';
import { Markup, markup } from './markup.js';

export interface Page {
  readonly title: string;
  /** What the page adds to the style of all pages. A constant: its hash is remembered. */
  readonly css?: string;
  readonly body: Markup;
}

/** Whether a client would rather have a page than JSON, as browsers do. One that takes anything, or does not say, gets JSON. */
export function prefersPage(request: Request): boolean {
  return request.accepts(['json', 'html']) === 'html';
}

/**
 * What to answer where a browser gets a page and everyone else JSON.
 *
 * @param pageOf draws the body as a page.
 */
export function jsonOrPage<T extends object>(
  response: Response,
  body: T,
  pageOf: (body: T, request: Request) => Page,
): T | string {
  response.vary('Accept');
  return prefersPage(response.req) ? pageFor(response, pageOf(body, response.req)) : body;
}

/**
 * Writes a page, and sets its headers: it may use its own style and nothing else at all, no script, no image, no
 * request to anywhere, so that not even markup that slipped through could do anything.
 */
export function pageFor(response: Response, { title, css = '', body }: Page): string {
  const style = BASE_CSS + css;
  response.type('html');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader(
    'Content-Security-Policy',
    `default-src 'none'; style-src '${sourceOf(style)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
${body}
</body>
</html>
`.source;
}

const sources = new Map<string, string>();

/** A style sheet by its hash, as a Content-Security-Policy names it. */
function sourceOf(css: string): string {
  let source = sources.get(css);
  if (source === undefined) {
    source = `sha256-${createHash('sha256').update(css).digest('base64')}`;
    sources.set(css, source);
  }
  return source;
}
