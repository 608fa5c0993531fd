import { calculateObjectSize } from 'bson';
import { config } from '../../config/config.js';
import { ValidationFailedError } from '../../common/errors/domain-error.js';
import { type JsonObject } from '../../common/http/json.js';
import { BSON_GROWTH } from '../../common/validation/json-object.js';
import { filterableOf } from './listing/filterable.js';

/**
 * The most bytes of BSON for one copy of the metadata. A session's document of 16 MiB may hold three: as it is, as
 * it was at the creation, and its strings to be listed by.
 */
const MAX_COPY_BYTES = 5 * 1024 * 1024;

/** Whether nothing within the limit can exceed it, as by default. */
const ALWAYS_FITS = config.limits.metadataBytes * BSON_GROWTH <= MAX_COPY_BYTES;

/** Why a session can't be stored or patched with this metadata, which is valid otherwise; undefined if it can. */
export function tooLargeToStore(metadata: JsonObject): ValidationFailedError | undefined {
  if (ALWAYS_FITS) return undefined;
  const bytes = Math.max(calculateObjectSize(metadata), calculateObjectSize(filterableOf(metadata)));
  if (bytes <= MAX_COPY_BYTES) return undefined;
  const message = `/metadata is too large to be stored: ${bytes} bytes as BSON, at most ${MAX_COPY_BYTES} are possible`;
  return new ValidationFailedError([{ field: 'metadata', message }]);
}
