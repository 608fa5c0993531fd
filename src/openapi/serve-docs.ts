import { type INestApplication } from '@nestjs/common';
import helmet from 'helmet';
import { SwaggerModule } from '@nestjs/swagger';
import { describeApi } from './describe-api.js';

/** Serves the description at `/docs/openapi.json`, and Swagger UI over it at `/docs`; neither needs the internet. */
export function serveDocs(app: INestApplication): void {
  app.use(
    '/docs',
    helmet({
      // Both are for whoever ends TLS before the service; over plain HTTP they would lead browsers astray.
      strictTransportSecurity: false,
      contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
    }),
  );
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    raw: ['json'],
    customSiteTitle: 'Conversation Session Service: API',
    swaggerOptions: { displayRequestDuration: true, tryItOutEnabled: true, defaultModelsExpandDepth: 0 },
  });
}
