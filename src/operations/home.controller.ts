import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiErrors } from '../openapi/api-errors.js';
import { ApiJsonOrPage } from '../openapi/api-page.js';
import { JsonOrPage } from '../pages/json-or-page.js';
import { AboutResponse } from './about-response.dto.js';
import { about } from '../config/about.js';
import { homePage } from './home.page.js';

@ApiTags('operations')
@Controller()
export class HomeController {
  @Get()
  @ApiJsonOrPage(AboutResponse)
  @ApiErrors()
  @ApiOperation({ operationId: 'home', summary: 'What this is, and where to go from here' })
  home(): JsonOrPage<AboutResponse> {
    return new JsonOrPage(about, homePage);
  }
}
