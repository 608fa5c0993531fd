import { type NestExpressApplication } from '@nestjs/platform-express';
import { type NextFunction, type Request, type Response } from 'express';
import { AllExceptionsFilter } from './common/filters/all-exceptions.filter.js';
import { matcherOf, refuseForeignPages } from './common/http/callers.js';
import { followConnections, isOver, whenOver } from './common/http/connections.js';
import { TIMEOUT_CHECK_MS } from './common/http/http-adapter.js';
import { BodyGuard, BodyInterceptor } from './common/http/json-body.js';
import { RequestLimits } from './common/http/limits.js';
import { assignRequestId, logRequest } from './common/http/request-log.js';
import { isAboutSessions } from './common/http/routes.js';
import { RequestValidationPipe } from './common/validation/request-validation.pipe.js';
import { AppConfig } from './config/load-config.js';
import { translateMongoError } from './database/mongo-errors.js';
import { serveDocs } from './common/openapi/describe-api.js';
import { Shutdown } from './operations/shutdown.js';
import { RequestMetrics } from './operations/request-metrics.js';
import { servePages } from './ui/serve-pages.js';

/** How long a client may take to send the headers of a request; for all of it see `REQUEST_TIMEOUT_MS`. */
const HEADERS_TIMEOUT_MS = 10_000;
/**
 * What a browser may do with a response of JSON: nothing but read it, where CORS lets it; by OWASP's REST Security Cheat
 * Sheet. Pages set a policy of their own. All of helmet's defaults would be longer than most of the responses.
 */
const SECURITY_HEADERS = [
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
] as const;

/** Everything that holds for all of HTTP. `main.ts` and the tests build the same application with it. */
export function configureApp(app: NestExpressApplication): NestExpressApplication {
  const config = app.get(AppConfig);
  app.set('etag', false); // a response changes with every event, and hashing it costs more than sending it
  app.disable('x-powered-by');
  if (config.LOG_CLIENT_ADDRESS === 'forwarded') app.set('trust proxy', 1); // who the last proxy saw

  const server = app.getHttpServer();
  const shutdown = app.get(Shutdown);

  const metrics = app.get(RequestMetrics);
  const refuseForeign = refuseForeignPages(server, config);
  // One function rather than a middleware each: to Express, every one costs as much again as what ours do.
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (isOver(response)) return; // its connection is gone already
    const start = performance.now();
    const client = config.LOG_CLIENT_ADDRESS === 'off' ? undefined : request.ip; // before the connection may be closed
    whenOver(response, () => {
      const ms = performance.now() - start;
      metrics.record(request, response, ms / 1000);
      if (config.ACCESS_LOG === 'on') logRequest(request, response, ms, client);
    });
    assignRequestId(request, response);
    for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
    if (shutdown.hasBegun) response.setHeader('Connection', 'close'); // so that kept-alive connections end too
    if (isAboutSessions(request)) response.setHeader('Cache-Control', 'no-store');
    refuseForeign(request);
    next();
  });
  if (config.CORS_ORIGINS.length > 0) {
    const isAllowed = matcherOf(config.CORS_ORIGINS);
    app.enableCors({
      origin: (origin: string | undefined, answer: (error: null, isAllowed: boolean) => void) => {
        answer(null, origin !== undefined && isAllowed(origin));
      },
      exposedHeaders: [
        'Location',
        'Idempotent-Replayed',
        'Idempotent-Mismatch',
        'Preference-Applied',
        'Retry-After',
        'X-Request-Id',
      ],
    });
  }
  const limits = app.get(RequestLimits);
  app.useGlobalGuards(new BodyGuard(limits));
  app.useGlobalInterceptors(new BodyInterceptor(limits));
  app.useGlobalPipes(new RequestValidationPipe());
  app.useGlobalFilters(new AllExceptionsFilter(translateMongoError, app.getHttpAdapter()));
  serveDocs(app);
  servePages(app);

  followConnections(server);
  // Without a byte either way; no response is prepared for longer than the store may take.
  server.timeout = Math.max(config.SEND_TIMEOUT_MS, config.STORE_TIMEOUT_MS + TIMEOUT_CHECK_MS);
  server.headersTimeout = Math.min(HEADERS_TIMEOUT_MS, config.REQUEST_TIMEOUT_MS);
  server.requestTimeout = config.REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = config.KEEP_ALIVE_TIMEOUT_MS;
  return app;
}
