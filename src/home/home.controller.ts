import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiErrors } from '../common/openapi/api-errors.js';
import { AnswersPage } from '../common/pages/json-or-page.interceptor.js';
import { AboutResponse } from './about-response.dto.js';
import { about } from './about.js';
import { homePage } from './home.page.js';

@ApiTags('operations')
@Controller()
export class HomeController {
  @Get()
  @AnswersPage(AboutResponse, homePage)
  @ApiErrors()
  @ApiOperation({ operationId: 'home', summary: 'What this is, and where to go from here' })
  home(): AboutResponse {
    return about;
  }
}
