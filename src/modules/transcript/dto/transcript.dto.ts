import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { HAS_MORE, LIMIT, NEXT_CURSOR } from '../../../common/openapi/cursor-pagination.dto.js';
import { EnumField, QueryDto } from '../../../common/validation/fields.js';
import { TranscriptEvent } from '../../event/dto/event.dto.js';
import { type SessionWithPage } from '../../event/services/event-reader.js';
import { SessionResponse } from '../../session/dto/session.dto.js';
import { TRANSCRIPT_FORMATS, type TranscriptFormat } from '../services/transcript-formats.js';

/**
 * The position of a page. A page read by cursor has no numbers: they would have to be counted, and could be outdated.
 */
export class Pagination {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    example: 1,
    description: 'The number of events that the filters select. Absent for a page read by cursor.',
  })
  readonly total?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, example: 1, description: 'Absent under a cursor.' })
  readonly page?: number;

  @ApiProperty(LIMIT)
  readonly limit: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, example: 1, description: 'Absent under a cursor.' })
  readonly totalPages?: number;

  @ApiProperty(HAS_MORE)
  readonly hasMore: boolean;

  @ApiProperty(NEXT_CURSOR)
  readonly nextCursor: string | null;

  constructor({ numbers, limit, nextCursor }: SessionWithPage) {
    if (numbers) {
      this.total = numbers.total;
      this.page = numbers.page;
    }
    this.limit = limit;
    if (numbers) this.totalPages = Math.ceil(numbers.total / limit);
    this.hasMore = nextCursor !== null;
    this.nextCursor = nextCursor;
  }
}

/** A session with one page of its events. */
@ApiSchema({ name: 'Transcript' })
export class TranscriptResponse extends SessionResponse {
  @ApiProperty({ type: [TranscriptEvent] })
  readonly events: readonly TranscriptEvent[];

  @ApiProperty()
  readonly pagination: Pagination;

  constructor(page: SessionWithPage) {
    super(page.session, page);
    this.events = page.events.map((event) => new TranscriptEvent(event, page.session.finalSequence));
    this.pagination = new Pagination(page);
  }
}

/** The query string of a request for a transcript. */
export class TranscriptQueryDto extends QueryDto {
  @EnumField(TRANSCRIPT_FORMATS, {
    optional: true,
    description: 'By default what `Accept` asks for, or text.',
  })
  format?: TranscriptFormat;
}
