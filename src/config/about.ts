import { createRequire } from 'node:module';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

// By its name in "imports" of package.json, which is the same for the sources and for the programs made of them.
const manifest = createRequire(import.meta.url)('#package.json') as Package;

/** The name, version and description that the service shows. */
export const about = {
  name: manifest.name,
  version: manifest.version,
  description: manifest.description,
  links: {
    sessions: '/sessions',
    docs: '/docs',
    openapi: '/docs/openapi.json',
    live: '/health/live',
    ready: '/health/ready',
    metrics: '/metrics',
  },
};

export type About = typeof about;
