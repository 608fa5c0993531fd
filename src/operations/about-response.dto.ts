import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { about, type About } from '../config/about.js';

/** What `GET /` says of the service. */
@ApiSchema({ name: 'About' })
export class AboutResponse implements About {
  @ApiProperty({ example: about.name })
  readonly name!: string;

  @ApiProperty({ example: about.version })
  readonly version!: string;

  @ApiProperty({ example: about.description })
  readonly description!: string;

  @ApiProperty({
    type: 'object',
    description: 'Paths, by what is there.',
    additionalProperties: { type: 'string', format: 'uri-reference' },
    example: about.links,
  })
  readonly links!: About['links'];
}
