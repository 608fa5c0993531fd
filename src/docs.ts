import { type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { about } from './home/about.js';

/** The OpenAPI description of the service, from its own code. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const description = new DocumentBuilder()
    .setTitle('Conversation Session Service')
    .setDescription(about.description)
    .setVersion(about.version)
    .build();
  return SwaggerModule.createDocument(app, description);
}

/** Serves the description at `/docs/openapi.json`, and Swagger UI over it at `/docs`; neither needs the internet. */
export function serveDocs(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    raw: ['json'],
  });
}
