import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { inTurn } from '../common/http/connections.js';
import express, { type NextFunction, type Request, type Response } from 'express';

/** Beside the sources; beside the chunks of the program made of them. */
const PUBLIC = ['public', '../public'].map((path) => join(import.meta.dirname, path)).find(existsSync) ?? '';

/** What the pages share with the service. The build copies it to the others. */
const SHARED = join(import.meta.dirname, '../common');

/** The pages are files of this service alone. Their own scripts ask the API, as any other client does. */
const POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const options = {
  index: false,
  redirect: false,
  cacheControl: false,
  setHeaders: (response: Response) => {
    response.setHeader('Cache-Control', 'no-cache'); // asked for again by its ETag, so that an update shows at once
    response.setHeader('Content-Security-Policy', POLICY);
  },
};

/**
 * Serves the pages to browsers, ahead of the routes of the API: to clients that prefer `text/html` at the paths that have
 * a page, and their files at `/ui`. Whether there is such a session is for the page to find out.
 */
export function servePages(app: NestExpressApplication): void {
  const server = app.getHttpAdapter().getInstance();
  const files = express.static(PUBLIC, options);
  const page = (file: string) => (request: Request, response: Response, next: NextFunction) => {
    response.vary('Accept');
    if (request.accepts(['json', 'html']) !== 'html') {
      next();
      return;
    }
    request.url = `/${file}`;
    inTurn(response, () => {
      files(request, response, next);
    });
  };
  for (const path of ['/', '/sessions']) server.get(path, page('sessions.html'));
  server.get('/sessions/:sessionId', page('session.html'));
  server.use('/ui', (_request: Request, response: Response, next: NextFunction) => {
    inTurn(response, next);
  });
  server.use('/ui', files);
  server.use('/ui/event-text.js', express.static(join(SHARED, 'event-text.js'), options));
}
