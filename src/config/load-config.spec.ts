import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from './load-config.js';

/** The message for an invalid environment. */
function refusalOf(environment: NodeJS.ProcessEnv): string {
  try {
    loadConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('The configuration was taken');
}

describe('loadConfig', () => {
  it('uses the values that are set', () => {
    const { config, limits } = loadConfig({
      PORT: '0',
      HOST: '0.0.0.0',
      MONGODB_URI: 'mongodb://a:1,b:2/db?replicaSet=rs',
      DATA_DIR: '/var/lib/x',
      LOG_LEVEL: 'debug',
      CORS_ORIGINS: 'https://a.example, http://localhost:5173',
      ALLOWED_HOSTS: 'calls.example.com, Calls.local',
      METADATA_FILTER_KEYS: 'queue, caller.id,$plan',
      MAX_PAGE_SIZE: '1000',
      DEFAULT_PAGE_SIZE: '1000',
    });

    expect(config).toMatchObject({
      PORT: 0,
      HOST: '0.0.0.0',
      MONGODB_URI: 'mongodb://a:1,b:2/db?replicaSet=rs',
      DATA_DIR: '/var/lib/x',
      LOG_LEVEL: 'debug',
      CORS_ORIGINS: ['https://a.example', 'http://localhost:5173'],
      ALLOWED_HOSTS: ['calls.example.com', 'Calls.local'],
    });
    expect(limits).toMatchObject({
      METADATA_FILTER_KEYS: ['queue', 'caller.id', '$plan'],
      MAX_PAGE_SIZE: 1000,
      DEFAULT_PAGE_SIZE: 1000,
    });
  });

  it('treats an empty variable as not set', () => {
    expect(loadConfig({ PORT: '', MONGODB_URI: '', DATA_DIR: '', CORS_ORIGINS: '', LOG_LEVEL: '' })).toEqual(
      loadConfig({}),
    );
  });

  it.each([
    ['PORT', 'abc'],
    ['PORT', '65536'],
    ['LOG_LEVEL', 'loud'],
    ['MONGODB_URI', 'localhost:27017'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'example.com'],
    ['CORS_ORIGINS', 'https://example.*'],
    ['ALLOWED_HOSTS', '*.'],
    ['CORS_ORIGINS', 'https://a.example,,'],
    ['ALLOWED_HOSTS', 'a.example:80'],
    ['TAIL_CACHE_SIZE', '0'],
    ['METADATA_FILTER_KEYS', 'queue,,caller'],
    ['METADATA_FILTER_KEYS', Array.from({ length: 21 }, (_, n) => `k${n}`).join(',')],
    ['MAX_PAYLOAD_BYTES', '999999999'],
  ])('refuses %s=%s with a message that names it', (name, value) => {
    const message = refusalOf({ [name]: value });

    expect(message).toMatch(new RegExp(`^${name} must .*\\.$`));
    expect(message.split('\n')).toHaveLength(1);
  });

  it('refuses a default page size above the largest', () => {
    expect(refusalOf({ DEFAULT_PAGE_SIZE: '50', MAX_PAGE_SIZE: '49' })).toMatch(
      /^DEFAULT_PAGE_SIZE .* MAX_PAGE_SIZE/,
    );
  });
});

describe('.env.example', () => {
  const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const { MONGODB_URI, ...shown } = parseEnv(text.replaceAll(/^#(?=[A-Z_]+=)/gm, ''));

  it('shows each setting with its default, except MONGODB_URI, which has none', () => {
    const { config, limits } = loadConfig({});

    expect(loadConfig(shown)).toEqual({ config, limits });
    expect(Object.keys(shown)).toHaveLength(Object.keys({ ...limits, ...config }).length - 1);
    expect(loadConfig({ MONGODB_URI }).config.MONGODB_URI).toBe(MONGODB_URI);
  });

  it('shows the settings that docs/operations.md describes', () => {
    const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const told = [...operations.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);

    expect(told.sort()).toEqual(['MONGODB_URI', ...Object.keys(shown)].sort());
  });
});
