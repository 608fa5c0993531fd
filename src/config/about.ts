import { createRequire } from 'node:module';

/**
 * What package.json says of the service; by its name in "imports" there, which is the same for the sources and for the
 * programs made of them.
 */
export const about = createRequire(import.meta.url)('#package.json') as {
  readonly name: string;
  readonly version: string;
  readonly description: string;
};
