import { type INestApplication } from '@nestjs/common';
import { type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { errorExamples } from './api-errors.js';
import { DomainError } from '../errors/domain-error.js';
import { inTurn } from '../http/connections.js';
import { headers, responseHeaders } from './headers.js';
import { limits } from '../../config/config.js';
import { about } from '../../config/about.js';
import { guide } from './guide.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** The schemas of bodies. */
const BODIES = ['CreateSession', 'PatchSession', 'CompleteSession', 'AppendEvent', 'AppendBatch'];

const REQUEST_ID = {
  name: 'X-Request-Id',
  in: 'header',
  required: false,
  description: 'Your own id of the request, for the response and the log. Created if there is none.',
  schema: { type: 'string', pattern: '^[\\w.:/+=@-]{1,128}$' },
} as const;

/** What Swagger UI needs; its package has more, such as its `package.json`. */
const SERVED =
  /^\/(openapi\.json|swagger-ui(-bundle|-standalone-preset|-init)?\.(js|css)|favicon-\d\dx\d\d\.png)?$/;

/** Serves the description at `/docs/openapi.json`, and Swagger UI over it at `/docs`; neither needs the internet. */
export function serveDocs(app: INestApplication): void {
  app.use('/docs', (request: Request, response: Response, next: NextFunction) => {
    if (SERVED.test(request.path)) inTurn(response, next);
    else next(new DomainError('ROUTE_NOT_FOUND', `There is nothing at ${request.originalUrl}`));
  });
  app.use(
    '/docs',
    helmet({
      // Both are the job of whatever ends TLS before the service; over plain HTTP they would mislead browsers.
      strictTransportSecurity: false,
      contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
    }),
  );
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    raw: ['json'],
    customSiteTitle: 'Conversation Session Service: API',
    swaggerOptions: {
      displayRequestDuration: true,
      tryItOutEnabled: true,
      defaultModelsExpandDepth: 0,
    },
  });
}

/** The OpenAPI description of the service, generated from its code. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.0.3')
    .setTitle('Conversation Session Service')
    .setDescription(guide(about.description, limits))
    .setVersion(about.version)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'Where this description comes from')
    .addGlobalParameters(REQUEST_ID)
    // In the order of use, in which `/docs` shows them.
    .addTag('recording', 'A conversation. It is created once, and ends once.')
    .addTag('reading', 'Reading one conversation, or listing all.')
    .addTag('operations', 'For those who run the service.')
    .addTag('deleting', 'For ever.')
    .build();
  const document = SwaggerModule.createDocument(app, base, {
    autoTagControllers: false,
    operationIdFactory: (_controller, method) => method,
  });
  addWhatHoldsForAll(document);
  return document;
}

/** Adds what is true of every operation, and which no decorator says. */
function addWhatHoldsForAll(document: OpenAPIObject): void {
  document.security = []; // there is no authentication
  const components = (document.components ??= {});
  components.headers = { ...responseHeaders } as never;
  components.examples = errorExamples();
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path) as Operation[]);
  for (const response of operations.flatMap(
    ({ responses }) => Object.values(responses) as { headers?: object }[],
  ))
    response.headers = { ...response.headers, ...headers('X-Request-Id') };
  // No body may have unknown fields: see `RequestValidationPipe`.
  for (const body of BODIES) Object.assign(components.schemas?.[body] ?? {}, { additionalProperties: false });
}
