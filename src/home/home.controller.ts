import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Request, type Response } from 'express';
import { about } from './about.js';
import { renderHome } from './home.page.js';

@ApiTags('operations')
@Controller()
export class HomeController {
  @Get()
  @ApiOperation({
    summary: 'What this is, and where to go from here; a page for a browser, JSON for everyone else',
  })
  home(@Req() request: Request, @Res() response: Response): void {
    response.vary('Accept');
    if (request.accepts(['json', 'html']) === 'html') response.type('html').send(renderHome(about));
    else response.json(about);
  }
}
