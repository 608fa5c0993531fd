import { createHash } from 'node:crypto';
import { type Request, type Response } from 'express';
import { BASE_CSS } from './base.css.js';
import { Markup, markup } from './markup.js';

export interface Page {
  readonly title: string;
  /** Styles in addition to those of all pages. A constant, since its hash is cached. */
  readonly css?: string;
  /** The page's script, a module that may send requests to the service only. A constant too. */
  readonly script?: string;
  readonly body: Markup;
}

/** Whether a client prefers a page to JSON, as browsers do. Clients that accept anything, or state nothing, get JSON. */
export function prefersPage(request: Request): boolean {
  return request.accepts(['json', 'html']) === 'html';
}

/**
 * The response for a route that sends a page to browsers and JSON to everyone else.
 *
 * @param pageOf renders the body as a page.
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
 * Renders a page and sets its headers. The policy allows its own style and script and nothing else: no images, and
 * requests only from the script to the service. So markup that slipped through could do no harm.
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

/** The hash of a style sheet or script, as a source in a Content-Security-Policy. */
function sourceOf(text: string): string {
  let source = sources.get(text);
  if (source === undefined) {
    source = `sha256-${createHash('sha256').update(text).digest('base64')}`;
    sources.set(text, source);
  }
  return source;
}
