import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, getSchemaPath } from '@nestjs/swagger';
import { headers } from './headers.js';

/** Declares an answer that is JSON, and a page for whoever prefers `text/html`. */
export function ApiJsonOrPage(type: Type): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(type),
    ApiOkResponse({
      description: 'JSON, unless `Accept` prefers `text/html`, as browsers do: then a page, without scripts.',
      headers: headers('Vary'),
      content: {
        'application/json': { schema: { $ref: getSchemaPath(type) } },
        'text/html': { schema: { type: 'string' } },
      },
    }),
  );
}
