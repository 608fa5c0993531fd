import { readFileSync } from 'node:fs';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

// The path is the same from src/config and from dist/config.
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Package;

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
