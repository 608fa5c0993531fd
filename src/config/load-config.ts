import { cleanEnv, makeExactValidator, str } from 'envalid';
import { faultOfUri } from './mongodb-uri.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Invalid settings. The message is for the user who starts the service, with one line per setting. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
const CLIENT_ADDRESSES = ['off', 'connection', 'forwarded'] as const;

/** A decimal whole number from `min` to `max`: `Number()` and `parseInt` accept too much (`''`, `1e3`, `12abc`). */
function wholeNumber(min: number, max: number) {
  return makeExactValidator<number>((input) => {
    const value = /^\d{1,15}$/.test(input) ? Number(input) : NaN;
    if (!(value >= min && value <= max)) {
      throw new Error(`must be a whole number from ${min} to ${max}, not "${input}"`);
    }
    return value;
  });
}

/** One of some words. */
function oneOf<const Words extends readonly string[]>(words: Words) {
  return makeExactValidator<Words[number]>((input) => {
    if (words.includes(input)) return input;
    throw new Error(`must be one of ${words.join(', ')}, not "${input}"`);
  });
}

const mongoUri = makeExactValidator<string>((input) => {
  const fault = faultOfUri(input);
  if (fault !== undefined) throw new Error(fault);
  return input;
});

/** Whether a browser could send this as an `Origin`: in lower case, without a path, without a scheme's own port. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text) || text.includes('*')) return false;
  const { protocol, host, origin } = new URL(text);
  return host !== '' && text === (origin === 'null' ? `${protocol}//${host}` : origin);
}

const origins = makeExactValidator<readonly string[]>((input) => {
  return input.split(',').map((part) => {
    const origin = part.trim();
    if (!isOrigin(origin.replace('://*.', '://any.'))) {
      throw new Error(
        `must be a comma-separated list of origins as browsers send them, such as https://example.com, https://*.example.com or capacitor://localhost, not "${origin}"`,
      );
    }
    return origin;
  });
});

const hostNames = makeExactValidator<readonly string[]>((input) => {
  return input.split(',').map((part) => {
    const name = part.trim().toLowerCase();
    const example = `http://${name.replace(/^\*\.(?=\w)/, 'any.')}`;
    if (
      name !== '*' &&
      (example.includes('*') || !URL.canParse(example) || `http://${new URL(example).hostname}` !== example)
    ) {
      throw new Error(
        `must be a comma-separated list of host names without ports, such as calls.example.com or *.example.com, or * for any, not "${name}"`,
      );
    }
    return name;
  });
});

/** The most metadata keys to filter by. Each costs an index to which every session is written. */
const MAX_FILTER_KEYS = 20;

const metadataKeys = makeExactValidator<readonly string[]>((input) => {
  const keys = input.split(',').map((key) => key.trim());
  if (keys.some((key) => key === '' || key.length > 100)) {
    throw new Error('must be a comma-separated list of keys of 1 to 100 characters, such as queue,caller');
  }
  if (new Set(keys).size < keys.length) throw new Error('must name each key once');
  if (keys.length > MAX_FILTER_KEYS) throw new Error(`must name at most ${MAX_FILTER_KEYS} keys`);
  return keys;
});

const settings = {
  PORT: wholeNumber(0, 65_535)({ default: 3000 }),
  HOST: str({ default: '127.0.0.1' }),
  MONGODB_URI: mongoUri({ default: undefined }),
  DATA_DIR: str({ default: './data' }),
  LOG_LEVEL: oneOf(LOG_LEVELS)({ default: 'info' }),
  ACCESS_LOG: oneOf(['on', 'off'])({ default: 'on' }),
  LOG_CLIENT_ADDRESS: oneOf(CLIENT_ADDRESSES)({ default: 'off' }),
  CORS_ORIGINS: origins({ default: [] }),
  ALLOWED_HOSTS: hostNames({ default: [] }),
  STORE_TIMEOUT_MS: wholeNumber(100, 60_000)({ default: 2000 }),
  REQUEST_TIMEOUT_MS: wholeNumber(100, 600_000)({ default: 30_000 }),
  SEND_TIMEOUT_MS: wholeNumber(100, 600_000)({ default: 30_000 }),
  KEEP_ALIVE_TIMEOUT_MS: wholeNumber(1000, 86_400_000)({ default: 620_000 }),
  SHUTDOWN_DELAY_MS: wholeNumber(0, 600_000)({ default: 0 }),
  MAX_REQUESTS_UNDER_WAY: wholeNumber(1, 100_000)({ default: 1000 }),
  MAX_FOLLOWERS: wholeNumber(0, 100_000)({ default: 1000 }),
  MAX_BYTES_UNDER_WAY: wholeNumber(8 * MIB, 4096 * MIB)({ default: 128 * MIB }),
  ERASE_AFTER_MS: wholeNumber(0, 31_536_000_000)({ default: 86_400_000 }),
  ERASE_SWEEP_MS: wholeNumber(100, 86_400_000)({ default: 3_600_000 }),
  TAIL_CACHE_SIZE: wholeNumber(1, 10_000_000)({ default: 50_000 }),
  MAX_ID_LENGTH: wholeNumber(1, 512)({ default: 512 }),
  MAX_LANGUAGE_LENGTH: wholeNumber(2, 255)({ default: 35 }),
  MAX_METADATA_BYTES: wholeNumber(2, 512 * KIB)({ default: 16 * KIB }),
  MAX_PAYLOAD_BYTES: wholeNumber(2, 4 * MIB)({ default: 256 * KIB }),
  // MongoDB allows 100 levels, and these values are nested in a document.
  MAX_JSON_DEPTH: wholeNumber(1, 90)({ default: 20 }),
  MAX_BODY_BYTES: wholeNumber(64, 8 * MIB)({ default: 512 * KIB }),
  METADATA_FILTER_KEYS: metadataKeys({ default: [] }),
  MAX_BATCH_BODY_BYTES: wholeNumber(64, 8 * MIB)({ default: 4 * MIB }),
  DEFAULT_PAGE_SIZE: wholeNumber(1, 1000)({ default: 20 }),
  MAX_PAGE_SIZE: wholeNumber(1, 1000)({ default: 100 }),
  MAX_PAGE_BYTES: wholeNumber(64 * KIB, 16 * MIB)({ default: 4 * MIB }),
};

type Environment = ReturnType<typeof cleanEnv<typeof settings>>;

/** The limits on what clients send. OpenAPI shows them, and the validators enforce them. */
function limitsOf(env: Environment) {
  return {
    /** Characters of a `sessionId` or an `eventId`. */
    idLength: env.MAX_ID_LENGTH,
    /** Characters of a `language`. */
    languageLength: env.MAX_LANGUAGE_LENGTH,
    /** Bytes of a session's `metadata`, as JSON in UTF-8. */
    metadataBytes: env.MAX_METADATA_BYTES,
    /** Bytes of an event's `payload`, as JSON in UTF-8. */
    payloadBytes: env.MAX_PAYLOAD_BYTES,
    /** Levels of nesting of `metadata` and `payload`, the object itself being the first. */
    jsonDepth: env.MAX_JSON_DEPTH,
    /** Bytes of a request body, after decompression. */
    bodyBytes: env.MAX_BODY_BYTES,
    /** The same for a batch of events. */
    batchBodyBytes: env.MAX_BATCH_BODY_BYTES,
    /** Events or sessions per page if the client gives no `limit`. */
    defaultPageSize: env.DEFAULT_PAGE_SIZE,
    /** The largest `limit`. */
    maxPageSize: env.MAX_PAGE_SIZE,
    /** The keys of `metadata` that sessions can be filtered by; each has an index. */
    metadataFilterKeys: env.METADATA_FILTER_KEYS,
  } as const;
}

export type Limits = ReturnType<typeof limitsOf>;

/** All other settings. A class, so that it can be injected by its type. */
export class AppConfig {
  /** 0 means any free port. */
  readonly port!: number;
  readonly host!: string;
  /** Undefined for the embedded store in `dataDir`. */
  readonly mongodbUri!: string | undefined;
  readonly dataDir!: string;
  readonly logLevel!: (typeof LOG_LEVELS)[number];
  /** Whether each request has a line in the log. */
  readonly accessLog!: boolean;
  /** The address of the client that it has: see `clientOf`. */
  readonly logClientAddress!: (typeof CLIENT_ADDRESSES)[number];
  /** The origins whose pages may call the service; none by default. */
  readonly corsOrigins!: readonly string[];
  /** Host names of the service in addition to `localhost`: see `refuseForeignPages`. */
  readonly allowedHosts!: readonly string[];
  /** Milliseconds for one store operation, including retries, before the request is answered with 503. */
  readonly storeTimeoutMs!: number;
  /** Milliseconds for a client to send a whole request before its connection is closed. */
  readonly requestTimeoutMs!: number;
  /** Milliseconds without the client reading any of its response before its connection is closed. */
  readonly sendTimeoutMs!: number;
  /** Milliseconds that an idle connection is kept. */
  readonly keepAliveTimeoutMs!: number;
  /** Milliseconds between a signal to stop and no longer listening. */
  readonly shutdownDelayMs!: number;
  /** Concurrent requests about sessions; further ones are answered with 503. */
  readonly maxRequestsUnderWay!: number;
  /** Concurrent requests that stream or wait for events; further ones are answered with 503. */
  readonly maxFollowers!: number;
  /** Bytes of bodies that have arrived and responses that are not sent yet: see `RequestLimits`. */
  readonly maxBytesUnderWay!: number;
  /** Milliseconds for which the places of a deleted session stay taken: longer than any process may be cut off or suspended. */
  readonly eraseAfterMs!: number;
  /** How often places are looked for that may go. */
  readonly eraseSweepMs!: number;
  /** Sessions whose log's tail each process remembers; some 250 bytes each. */
  readonly tailCacheSize!: number;
  /** Bytes of a page's events as they are stored. A page that would exceed this has fewer events than `limit`. */
  readonly pageBytes!: number;
}

/**
 * Reads the configuration from environment variables. An empty variable counts as not set.
 *
 * @throws ConfigError that names each invalid variable and the reason.
 */
export function loadConfig(environment: NodeJS.ProcessEnv): { config: AppConfig; limits: Limits } {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const env = cleanEnv(given, settings, {
    reporter: ({ errors }) => {
      refuse(errors);
    },
  });
  if (env.DEFAULT_PAGE_SIZE > env.MAX_PAGE_SIZE) {
    throw new ConfigError(
      `DEFAULT_PAGE_SIZE (${env.DEFAULT_PAGE_SIZE}) exceeds MAX_PAGE_SIZE (${env.MAX_PAGE_SIZE}).`,
    );
  }
  const config: AppConfig = {
    port: env.PORT,
    host: env.HOST,
    mongodbUri: env.MONGODB_URI,
    dataDir: env.DATA_DIR,
    logLevel: env.LOG_LEVEL,
    accessLog: env.ACCESS_LOG === 'on',
    logClientAddress: env.LOG_CLIENT_ADDRESS,
    corsOrigins: env.CORS_ORIGINS,
    allowedHosts: env.ALLOWED_HOSTS,
    storeTimeoutMs: env.STORE_TIMEOUT_MS,
    requestTimeoutMs: env.REQUEST_TIMEOUT_MS,
    sendTimeoutMs: env.SEND_TIMEOUT_MS,
    keepAliveTimeoutMs: env.KEEP_ALIVE_TIMEOUT_MS,
    shutdownDelayMs: env.SHUTDOWN_DELAY_MS,
    maxBytesUnderWay: env.MAX_BYTES_UNDER_WAY,
    maxFollowers: env.MAX_FOLLOWERS,
    maxRequestsUnderWay: env.MAX_REQUESTS_UNDER_WAY,
    eraseAfterMs: env.ERASE_AFTER_MS,
    eraseSweepMs: env.ERASE_SWEEP_MS,
    tailCacheSize: env.TAIL_CACHE_SIZE,
    pageBytes: env.MAX_PAGE_BYTES,
  };
  return { config, limits: limitsOf(env) };
}

function refuse(errors: Partial<Record<string, Error>>): void {
  const sentences = Object.entries(errors).map(
    ([name, error]) => `${name} ${error?.message ?? 'is missing'}.`,
  );
  if (sentences.length > 0) throw new ConfigError(sentences.join('\n'));
}
