import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiSchema, ApiTags } from '@nestjs/swagger';
import { about, type About } from '../config/about.js';
import { AppConfig } from '../config/load-config.js';
import { ApiErrors } from '../common/openapi/api-errors.js';
import { headers } from '../common/openapi/headers.js';

/** The response of `GET /`. */
@ApiSchema({ name: 'About' })
class AboutResponse implements About {
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

  @ApiProperty({
    type: [String],
    description: 'The keys of metadata that sessions can be filtered by (METADATA_FILTER_KEYS).',
    example: ['caller', 'queue'],
  })
  readonly metadataFilterKeys!: readonly string[];
}

/** What this is, for programs. Browsers get the list of sessions. */
@ApiTags('operations')
@Controller()
export class HomeController {
  constructor(private readonly config: AppConfig) {}

  @Get()
  @ApiOkResponse({ type: AboutResponse, headers: headers('Vary') })
  @ApiErrors()
  @ApiOperation({ operationId: 'home', summary: 'What this is, and where to go from here' })
  home(): AboutResponse {
    return { ...about, metadataFilterKeys: this.config.metadataFilterKeys };
  }
}
