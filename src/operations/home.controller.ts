import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiSchema, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { about, type About } from '../config/about.js';
import { AnswersJsonOrPage } from '../common/openapi/api-responses.js';
import { ApiErrors } from '../common/openapi/api-errors.js';
import { jsonOrPage } from '../pages/page.js';
import { homePage } from './home.page.js';

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
}

/** The entry page, which links to everything else. */
@ApiTags('operations')
@Controller()
export class HomeController {
  @Get()
  @AnswersJsonOrPage(AboutResponse)
  @ApiErrors()
  @ApiOperation({ operationId: 'home', summary: 'What this is, and where to go from here' })
  home(@Res({ passthrough: true }) response: Response): AboutResponse | string {
    return jsonOrPage(response, about, homePage);
  }
}
