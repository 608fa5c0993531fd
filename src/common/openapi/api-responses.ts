import { applyDecorators, HttpCode, HttpStatus, type Type } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiOkResponse } from '@nestjs/swagger';
import { headers } from './headers.js';

/** What `Prefer` (RFC 7240) means to a write, as OpenAPI shows it. */
export const PREFER_STRICT =
  '`handling=strict`: a replay with other content is an error (409). Otherwise it gets what is stored, with `Idempotent-Mismatch`. Other preferences are ignored.';
export const PREFER_LENIENT =
  '`handling=lenient`: the valid events are stored, and each faulty one gets a result of its own with status 400. If all are faulty, the request is. Other preferences are ignored.';

/** The responses to a write that is safe to retry. */
interface Write {
  /** The type of the body. */
  readonly type: Type<unknown>;
  /** The status if this request made the change; a replay is always 200. */
  readonly created: HttpStatus.OK | HttpStatus.CREATED;
  /** What a `Prefer` header means to it, if anything. */
  readonly prefer?: string;
  /** Whether the response for a new resource has a `Location`. */
  readonly location?: boolean;
}

/** Sets the status of a write that is safe to retry, and declares its successful responses (see `answerWrite`). */
export function AnswersWrite({ type, created, prefer, location = false }: Write): MethodDecorator {
  const applied = prefer === undefined ? [] : (['Preference-Applied'] as const);
  const isCreation = created === HttpStatus.CREATED;
  const decorators = [
    HttpCode(created),
    ApiOkResponse({
      description: isCreation
        ? 'A replay: it existed already. What is stored, unchanged.'
        : 'The ended session; with `Idempotent-Replayed`, it had ended before.',
      type,
      headers: headers('Idempotent-Replayed', 'Idempotent-Mismatch', ...applied),
    }),
  ];
  if (isCreation) {
    const names = location ? (['Location', ...applied] as const) : applied;
    const description = 'This very request made it.';
    decorators.unshift(ApiCreatedResponse({ description, type, headers: headers(...names) }));
  }
  if (prefer !== undefined) {
    const schema = { type: 'string' };
    decorators.push(ApiHeader({ name: 'Prefer', required: false, description: prefer, schema }));
  }
  return applyDecorators(...decorators);
}
