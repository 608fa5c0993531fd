import { applyDecorators, HttpCode, HttpStatus, type Type } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import { headers, type ResponseHeader } from './headers.js';

/** The responses to a write that is safe to retry. */
export interface Write {
  /** The type of the body. */
  readonly type: Type<unknown>;
  /** The status if this request made the change; a replay is always 200. */
  readonly createdStatus: HttpStatus;
  /** Whether the handler takes the `PreferredHandling`. */
  readonly honoursHandling: boolean;
  /** Whether the response for a new resource has a `Location`. */
  readonly location?: boolean;
}

/** Sets the status of a write that is safe to retry, and declares its successful responses (see `answerWrite`). */
export function AnswersWrite({ type, createdStatus, honoursHandling, location }: Write): MethodDecorator {
  const preference: readonly ResponseHeader[] = honoursHandling ? ['Preference-Applied'] : [];
  const replay: readonly ResponseHeader[] = ['Idempotent-Replayed', 'Idempotent-Mismatch', ...preference];
  const prefer = ApiHeader({
    name: 'Prefer',
    required: false,
    description:
      'RFC 7240. `handling=strict`: a replay with other content is an error (409). Otherwise it gets what is stored, with `Idempotent-Mismatch`. Other preferences are ignored.',
    schema: { type: 'string' },
  });
  const stored = ApiResponse({
    status: createdStatus,
    description: 'This very request made it.',
    type,
    headers: headers(...(location ? (['Location'] as const) : []), ...preference),
  });
  const found = ApiResponse({
    status: HttpStatus.OK,
    description:
      createdStatus === HttpStatus.OK
        ? 'The ended session; with `Idempotent-Replayed`, it had ended before.'
        : 'A replay: it existed already. What is stored, unchanged.',
    type,
    headers: headers(...replay),
  });
  return applyDecorators(
    HttpCode(createdStatus),
    ...(honoursHandling ? [prefer] : []),
    ...(createdStatus === HttpStatus.OK ? [] : [stored]),
    found,
  );
}
