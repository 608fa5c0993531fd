import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { errorCatalogue } from '../errors/error-catalogue.js';

@ApiSchema({ name: 'ErrorDetail', description: 'An invalid field of a request.' })
export class ErrorDetailResponse {
  @ApiProperty({
    description: 'The field, parameter or header as the client wrote it.',
    example: 'payload',
  })
  readonly field!: string;

  @ApiProperty({
    description:
      'A sentence. If the fault is inside the field, it starts with a JSON Pointer (RFC 6901) to the place.',
    example: '/payload/text contains a NUL character',
  })
  readonly message!: string;
}

/** Every error response; written by `AllExceptionsFilter`. */
@ApiSchema({ name: 'Error', description: 'What every error is answered with.' })
export class ErrorResponse {
  @ApiProperty({ type: 'integer', minimum: 400, maximum: 599, example: 400 })
  readonly statusCode!: number;

  @ApiProperty({ description: 'The name of the status.', example: 'Bad Request' })
  readonly error!: string;

  @ApiProperty({
    description: 'Stable: this is what to switch on.',
    enum: Object.keys(errorCatalogue).sort(),
    example: 'VALIDATION_FAILED',
  })
  readonly code!: string;

  @ApiProperty({
    description: 'A sentence for people; with `details`, the list of their sentences.',
    oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }],
    example: ['/payload/text contains a NUL character'],
  })
  readonly message!: string | string[];

  @ApiPropertyOptional({ type: [ErrorDetailResponse], minItems: 1 })
  readonly details?: ErrorDetailResponse[];

  @ApiProperty({ description: 'The requested path, with its query.', example: '/sessions' })
  readonly path!: string;

  @ApiProperty({ example: 'POST' })
  readonly method!: string;

  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:00:01.312Z' })
  readonly timestamp!: string;

  @ApiProperty({
    description: 'The same as the `X-Request-Id` of the response, to find the request in the log.',
    example: '7b1d5c0e-9d38-4f0b-8f6e-2d8a3f1f6a11',
  })
  readonly requestId!: string;
}
