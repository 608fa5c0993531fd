import { readFileSync } from 'node:fs';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

// Two levels up both from src/config and from dist/config.
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Package;

/** What the service says of itself. */
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
