import { ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { type JsonObject } from '../../../common/http/json.js';
import { IsJsonObject, IsLanguageTag, MayBeLeftOut } from '../../../common/validation/validators.js';
import { config } from '../../../config/config.js';

const { limits } = config;

/**
 * A merge patch of a session. Its metadata may exceed the limit for stored metadata, since it may name many keys to
 * remove.
 */
@ApiSchema({ name: 'PatchSession' })
export class PatchSessionDto {
  @ApiPropertyOptional({
    description: `What to change: objects are merged, \`null\` removes a key, anything else replaces the old value. The result may have at most ${limits.metadataBytes} bytes and ${limits.jsonDepth} levels.`,
    type: 'object',
    additionalProperties: true,
    example: { queue: 'sales', ticket: { id: 'T-17' }, caller: null },
  })
  @MayBeLeftOut()
  @IsJsonObject(limits.bodyBytes)
  metadata?: JsonObject;

  @ApiPropertyOptional({ description: 'Replaces the language, once it is known.', example: 'en-GB' })
  @MayBeLeftOut()
  @IsLanguageTag()
  language?: string;
}
