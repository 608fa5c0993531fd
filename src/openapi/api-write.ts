import { applyDecorators, HttpStatus, type Type } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import { headers, type ResponseHeader } from './headers.js';

/** How a write that is safe to retry answers. */
export interface Write {
  /** What is answered. */
  readonly type: Type<unknown>;
  /** The status where this very request made the change; a replay is always 200. */
  readonly createdStatus: HttpStatus;
  /** Whether the handler takes the `PreferredHandling`. */
  readonly honoursHandling: boolean;
  /** Whether a new resource's answer has a `Location`. */
  readonly location?: boolean;
}

/** Declares the good answers of a write that is safe to retry, from what decides them. */
export function ApiWrite({ type, createdStatus, honoursHandling, location }: Write): MethodDecorator {
  const preference: readonly ResponseHeader[] = honoursHandling ? ['Preference-Applied'] : [];
  const replay: readonly ResponseHeader[] = ['Idempotent-Replayed', 'Idempotent-Mismatch', ...preference];
  const prefer = ApiHeader({
    name: 'Prefer',
    required: false,
    description:
      'RFC 7240. `handling=strict`: a replay that differs from what is stored is an error (409). Otherwise it is answered with what is stored, and `Idempotent-Mismatch`. Other preferences are ignored.',
    schema: { type: 'string', example: 'handling=strict' },
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
        ? 'It is so now; with `Idempotent-Replayed`, it was before.'
        : 'A replay: it was there before. What is stored, unchanged.',
    type,
    headers: headers(...replay),
  });
  return applyDecorators(
    ...(honoursHandling ? [prefer] : []),
    ...(createdStatus === HttpStatus.OK ? [] : [stored]),
    found,
  );
}
