import { type Request } from 'express';
import { type Limits } from '../config/load-config.js';

/** Where many events come in one body, which may be larger than others. */
const BATCH = /^\/sessions\/[^/?]+\/events\/batch\/?(\?|$)/;

/** Bytes that the body of a request may have, after decompression. */
export function bodyLimitOf({ url }: Request, { bodyBytes, batchBodyBytes }: Limits): number {
  return BATCH.test(url) ? batchBodyBytes : bodyBytes;
}
