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
  it('has the contract’s defaults where nothing is set', () => {
    expect({ ...loadConfig({}) }).toEqual({
      port: 3000,
      host: '127.0.0.1',
      mongodbUri: undefined,
      dataDir: './data',
      logLevel: 'info',
      accessLog: true,
      logClientAddress: 'off',
      keepAliveTimeoutMs: 620_000,
      shutdownDelayMs: 0,
      corsOrigins: [],
      allowedHosts: [],
      storeTimeoutMs: 2000,
      requestTimeoutMs: 30_000,
      sendTimeoutMs: 30_000,
      maxRequestsUnderWay: 1000,
      maxBytesUnderWay: 128 * 1024 * 1024,
      maxFollowers: 1000,
      eraseAfterMs: 86_400_000,
      eraseSweepMs: 3_600_000,
      tailCacheSize: 50_000,
      metadataFilterKeys: [],
      limits: {
        idLength: 512,
        languageLength: 35,
        metadataBytes: 16 * 1024,
        payloadBytes: 256 * 1024,
        jsonDepth: 20,
        bodyBytes: 512 * 1024,
        defaultPageSize: 20,
        maxPageSize: 100,
        pageBytes: 4 * 1024 * 1024,
        batchBodyBytes: 4 * 1024 * 1024,
      },
    });
  });

  it('uses the values that are set', () => {
    const config = loadConfig({
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
      port: 0,
      host: '0.0.0.0',
      mongodbUri: 'mongodb://a:1,b:2/db?replicaSet=rs',
      dataDir: '/var/lib/x',
      logLevel: 'debug',
      corsOrigins: ['https://a.example', 'http://localhost:5173'],
      allowedHosts: ['calls.example.com', 'calls.local'],
      metadataFilterKeys: ['queue', 'caller.id', '$plan'],
      limits: { maxPageSize: 1000, defaultPageSize: 1000 },
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
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '3000 '],
    ['PORT', '1e3'],
    ['PORT', '0x50'],
    ['LOG_LEVEL', 'loud'],
    ['MONGODB_URI', 'localhost:27017'],
    ['MONGODB_URI', 'postgres://localhost'],
    ['MONGODB_URI', 'mongodb://'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'example.com'],
    ['CORS_ORIGINS', 'https://Example.com'],
    ['CORS_ORIGINS', 'https://example.com:443'],
    ['CORS_ORIGINS', 'https://example.*'],
    ['CORS_ORIGINS', 'capacitor://localhost/'],
    ['CORS_ORIGINS', 'null'],
    ['ALLOWED_HOSTS', '*.'],
    ['ALLOWED_HOSTS', 'calls.*'],
    ['ACCESS_LOG', 'no'],
    ['LOG_CLIENT_ADDRESS', 'on'],
    ['CORS_ORIGINS', 'https://a.example/path'],
    ['CORS_ORIGINS', 'https://a.example,,'],
    ['ALLOWED_HOSTS', 'https://a.example'],
    ['ALLOWED_HOSTS', 'a.example:80'],
    ['ALLOWED_HOSTS', 'a.example,,'],
    ['SEND_TIMEOUT_MS', '1'],
    ['MAX_BYTES_UNDER_WAY', '1'],
    ['STORE_TIMEOUT_MS', '1'],
    ['REQUEST_TIMEOUT_MS', '1'],
    ['MAX_REQUESTS_UNDER_WAY', '0'],
    ['TAIL_CACHE_SIZE', '0'],
    ['METADATA_FILTER_KEYS', 'queue,,caller'],
    ['METADATA_FILTER_KEYS', 'queue,queue'],
    ['METADATA_FILTER_KEYS', 'x'.repeat(101)],
    ['METADATA_FILTER_KEYS', Array.from({ length: 21 }, (_, n) => `k${n}`).join(',')],
    ['MAX_ID_LENGTH', '0'],
    ['MAX_LANGUAGE_LENGTH', '1'],
    ['MAX_METADATA_BYTES', '1'],
    ['MAX_PAYLOAD_BYTES', '999999999'],
    ['MAX_JSON_DEPTH', '100'],
    ['MAX_BODY_BYTES', '1'],
    ['DEFAULT_PAGE_SIZE', '0'],
    ['MAX_PAGE_SIZE', '1001'],
  ])('refuses %s=%s with a message that names it', (name, value) => {
    const message = refusalOf({ [name]: value });

    expect(message).toMatch(new RegExp(`^${name} must .*\\.$`));
    expect(message.split('\n')).toHaveLength(1);
  });

  it('names every invalid variable, one per line', () => {
    const lines = refusalOf({ PORT: 'x', LOG_LEVEL: 'y', HOST: 'fine', MAX_JSON_DEPTH: 'z' }).split('\n');

    expect(lines.map((line) => line.split(' ')[0]).sort()).toEqual(['LOG_LEVEL', 'MAX_JSON_DEPTH', 'PORT']);
  });

  it('does not repeat a database’s URI, which may hold a password', () => {
    expect(refusalOf({ MONGODB_URI: 'mongo://user:secret@host' })).not.toContain('secret');
  });

  it.each([
    ['mongodb://user:QXZ123@localhost/db?colour=red', 'colour'],
    ['mongodb+srv://user:QXZ123@cluster.example.com:27017/db', 'port'],
    ['mongodb://user:QXZ123@localhost/?tls=true&tlsCAFile=/nowhere/ca.pem', 'ENOENT'],
  ])('tells what is wrong with MONGODB_URI=%s, and no password', (MONGODB_URI, words) => {
    const refusal = refusalOf({ MONGODB_URI });

    expect(refusal).toMatch(new RegExp(`^MONGODB_URI .*${words}.*\\.$`));
    expect(refusal).not.toContain('QXZ123');
  });

  it('refuses a default page size above the largest', () => {
    expect(refusalOf({ DEFAULT_PAGE_SIZE: '50', MAX_PAGE_SIZE: '49' })).toMatch(
      /^DEFAULT_PAGE_SIZE .* MAX_PAGE_SIZE/,
    );
  });

  it('can’t be changed afterwards', () => {
    const config = loadConfig({});

    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.limits)).toBe(true);
  });
});

describe('.env.example', () => {
  const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const { MONGODB_URI, ...shown } = parseEnv(text.replaceAll(/^#(?=[A-Z_]+=)/gm, ''));

  it('shows each setting with its default, except MONGODB_URI, which has none', () => {
    const { limits, ...others } = loadConfig({});

    expect(loadConfig(shown)).toEqual({ ...others, limits });
    expect(Object.keys(shown)).toHaveLength(Object.keys({ ...limits, ...others }).length - 1);
    expect(loadConfig({ MONGODB_URI }).mongodbUri).toBe(MONGODB_URI);
  });

  it('shows the settings that docs/operations.md describes', () => {
    const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const told = [...operations.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);

    expect(told.sort()).toEqual(['MONGODB_URI', ...Object.keys(shown)].sort());
  });

  it.each(Object.keys(shown))('shows only settings that are read: %s', (name) => {
    expect(outcomeOf({ [name]: '/another' })).not.toEqual(outcomeOf({}));
  });
});

/** The configuration or, for an invalid environment, the error. */
function outcomeOf(environment: NodeJS.ProcessEnv): unknown {
  try {
    return loadConfig(environment);
  } catch (error) {
    return error;
  }
}
