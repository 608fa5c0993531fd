import { HttpStatus } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { type WriteResult } from '../../../common/http/write-result.js';
import { type Event } from '../schemas/event.schema.js';
import { EventResponse } from './event-response.dto.js';

/** The result for one event of a batch, as for an append of its own. */
@ApiSchema({ name: 'BatchResult' })
export class BatchResult {
  @ApiProperty({
    enum: [HttpStatus.OK, HttpStatus.CREATED],
    example: HttpStatus.CREATED,
    description: '201 if this request stored it, 200 if it was stored before.',
  })
  readonly status: number;

  @ApiProperty({ example: false, description: 'Whether it was stored before.' })
  readonly replayed: boolean;

  @ApiProperty({
    example: false,
    description: 'Whether the stored event has other content; it stays unchanged.',
  })
  readonly mismatch: boolean;

  @ApiPropertyOptional({
    description: 'The event as it is stored; left out if it differs and all together would be too large.',
  })
  readonly event?: EventResponse;

  constructor({ resource, created, differs }: WriteResult<Event | undefined>) {
    this.status = created ? HttpStatus.CREATED : HttpStatus.OK;
    this.replayed = !created;
    this.mismatch = differs;
    if (resource) this.event = new EventResponse(resource);
  }
}

/** The results for the events of a batch. */
@ApiSchema({ name: 'Batch' })
export class BatchResponse {
  @ApiProperty({ type: [BatchResult], description: 'One for each event of the request, in the same order.' })
  readonly results: readonly BatchResult[];

  constructor(results: readonly WriteResult<Event | undefined>[]) {
    this.results = results.map((result) => new BatchResult(result));
  }
}
