import { createHash } from 'node:crypto';
import { type Request, type Response } from 'express';
import { BASE_CSS } from './base.css.js';
import { Markup, markup } from './markup.js';

export interface Page {
  readonly title: string;
  /** What the page adds to the style of all pages. A constant: its hash is remembered. */
  readonly css?: string;
  /** What the page runs, as a module; it may ask the service itself. A constant, too. */
  readonly script?: string;
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
 * Writes a page, and sets its headers: it may use its own style and script and nothing else at all, no image, no request
 * to anywhere but the service by a script, so that not even markup that slipped through could do anything.
 */
export function pageFor(response: Response, { title, css = '', script, body }: Page): string {
  const style = BASE_CSS + css;
  response.type('html');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader(
    'Content-Security-Policy',
    `default-src 'none'; style-src '${sourceOf(style)}'; ${policyOf(script)}base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(style)}</style>${
    script !== undefined &&
    markup`
<script type="module">${new Markup(script)}</script>`
  }
</head>
<body>
${body}
</body>
</html>
`.source;
}

function policyOf(script: string | undefined): string {
  return script === undefined ? '' : `script-src '${sourceOf(script)}'; connect-src 'self'; `;
}

const sources = new Map<string, string>();

/** A style sheet or script by its hash, as a Content-Security-Policy names it. */
function sourceOf(text: string): string {
  let source = sources.get(text);
  if (source === undefined) {
    source = `sha256-${createHash('sha256').update(text).digest('base64')}`;
    sources.set(text, source);
  }
  return source;
}
