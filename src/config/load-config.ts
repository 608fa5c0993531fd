import { cleanEnv, makeExactValidator, str } from 'envalid';
import { faultOfUri } from './mongodb-uri.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Invalid settings. The message is for the user who starts the service, with one line per setting. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

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

/** Several texts, separated by commas. */
function listOf(what: string, isOne: (text: string) => boolean) {
  return makeExactValidator<readonly string[]>((input) => {
    const texts = input.split(',').map((text) => text.trim());
    const wrong = texts.find((text) => !isOne(text));
    if (wrong !== undefined) throw new Error(`must be a comma-separated list of ${what}, not "${wrong}"`);
    return texts;
  });
}

/** Whether a browser could send this as an `Origin`: in lower case, without a path, without a scheme's own port. */
function isOrigin(pattern: string): boolean {
  const text = pattern.replace('://*.', '://any.');
  if (!URL.canParse(text) || text.includes('*')) return false;
  const { protocol, host, origin } = new URL(text);
  return host !== '' && text === (origin === 'null' ? `${protocol}//${host}` : origin);
}

function isHostName(pattern: string): boolean {
  const url = `http://${pattern.toLowerCase().replace(/^\*\.(?=\w)/, 'any.')}`;
  return (
    pattern === '*' || (!url.includes('*') && URL.canParse(url) && `http://${new URL(url).hostname}` === url)
  );
}

const origins = listOf(
  'origins as browsers send them, such as https://example.com, https://*.example.com or capacitor://localhost',
  isOrigin,
);
const hostNames = listOf(
  'host names without ports, such as calls.example.com or *.example.com, or * for any',
  isHostName,
);

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
  /** 0 means any free port. */
  PORT: wholeNumber(0, 65_535)({ default: 3000 }),
  HOST: str({ default: '127.0.0.1' }),
  /** Undefined for the embedded store in `DATA_DIR`. */
  MONGODB_URI: mongoUri({ default: undefined }),
  DATA_DIR: str({ default: './data' }),
  LOG_LEVEL: oneOf(LOG_LEVELS)({ default: 'info' }),
  /** Whether each request has a line in the log. */
  ACCESS_LOG: oneOf(['on', 'off'])({ default: 'on' }),
  /** Whether that line has the client's address: of the connection, or of the last entry of `X-Forwarded-For`. */
  LOG_CLIENT_ADDRESS: oneOf(['off', 'connection', 'forwarded'])({ default: 'off' }),
  /** The origins whose pages may call the service; none by default. */
  CORS_ORIGINS: origins({ default: [] }),
  /** Host names of the service in addition to `localhost`: see `refuseForeignPages`. */
  ALLOWED_HOSTS: hostNames({ default: [] }),
  /** Milliseconds for one store operation, including retries, before the request is answered with 503. */
  STORE_TIMEOUT_MS: wholeNumber(100, 60_000)({ default: 2000 }),
  /** Milliseconds for a client to send a whole request before its connection is closed. */
  REQUEST_TIMEOUT_MS: wholeNumber(100, 600_000)({ default: 30_000 }),
  /** Milliseconds without the client reading any of its response before its connection is closed. */
  SEND_TIMEOUT_MS: wholeNumber(100, 600_000)({ default: 30_000 }),
  /** Milliseconds that an idle connection is kept. */
  KEEP_ALIVE_TIMEOUT_MS: wholeNumber(1000, 86_400_000)({ default: 620_000 }),
  /** Milliseconds between a signal to stop and no longer listening. */
  SHUTDOWN_DELAY_MS: wholeNumber(0, 600_000)({ default: 0 }),
  /** Concurrent requests about sessions; further ones are answered with 503. */
  MAX_REQUESTS_UNDER_WAY: wholeNumber(1, 100_000)({ default: 1000 }),
  /** Concurrent requests that stream or wait for events; further ones are answered with 503. */
  MAX_FOLLOWERS: wholeNumber(0, 100_000)({ default: 1000 }),
  /** Bytes of bodies that have arrived and responses that are not sent yet: see `RequestLimits`. */
  MAX_BYTES_UNDER_WAY: wholeNumber(8 * MIB, 4096 * MIB)({ default: 128 * MIB }),
  /** Milliseconds for which the places of a deleted session stay taken: longer than any process may be cut off or suspended. */
  ERASE_AFTER_MS: wholeNumber(0, 31_536_000_000)({ default: 86_400_000 }),
  /** How often places are looked for that may go. */
  ERASE_SWEEP_MS: wholeNumber(100, 86_400_000)({ default: 3_600_000 }),
  /** Sessions whose log's tail each process remembers; some 250 bytes each. */
  TAIL_CACHE_SIZE: wholeNumber(1, 10_000_000)({ default: 50_000 }),
  /** Bytes of a page's events as they are stored. A page that would exceed this has fewer events than `limit`. */
  MAX_PAGE_BYTES: wholeNumber(64 * KIB, 16 * MIB)({ default: 4 * MIB }),
};

/** The limits on what clients send. OpenAPI shows them, and the validators enforce them. */
const limitSettings = {
  /** Characters of a `sessionId` or an `eventId`. */
  MAX_ID_LENGTH: wholeNumber(1, 512)({ default: 512 }),
  /** Characters of a `language`. */
  MAX_LANGUAGE_LENGTH: wholeNumber(2, 255)({ default: 35 }),
  /** Bytes of a session's `metadata`, as JSON in UTF-8. */
  MAX_METADATA_BYTES: wholeNumber(2, 512 * KIB)({ default: 16 * KIB }),
  /** Bytes of an event's `payload`, as JSON in UTF-8. */
  MAX_PAYLOAD_BYTES: wholeNumber(2, 4 * MIB)({ default: 256 * KIB }),
  /** Levels of nesting of both, the object itself being the first. MongoDB allows 100, and they are nested in a document. */
  MAX_JSON_DEPTH: wholeNumber(1, 90)({ default: 20 }),
  /** Bytes of a request body, after decompression. */
  MAX_BODY_BYTES: wholeNumber(64, 8 * MIB)({ default: 512 * KIB }),
  /** The keys of `metadata` that sessions can be filtered by; each has an index. */
  METADATA_FILTER_KEYS: metadataKeys({ default: [] }),
  /** The same for a batch of events. */
  MAX_BATCH_BODY_BYTES: wholeNumber(64, 8 * MIB)({ default: 4 * MIB }),
  /** Events or sessions per page if the client gives no `limit`. */
  DEFAULT_PAGE_SIZE: wholeNumber(1, 1000)({ default: 20 }),
  /** The largest `limit`. */
  MAX_PAGE_SIZE: wholeNumber(1, 1000)({ default: 100 }),
};

export type Limits = Readonly<ReturnType<typeof cleanEnv<typeof limitSettings>>>;

type Settings = Readonly<ReturnType<typeof cleanEnv<typeof settings>>>;

/** All other settings, by the names of their variables. A class, so that they can be injected by its type. */
export class AppConfig extends (Object as unknown as new () => Settings) {}

/**
 * Reads the configuration from environment variables. An empty variable counts as not set.
 *
 * @throws ConfigError that names each invalid variable and the reason.
 */
export function loadConfig(environment: NodeJS.ProcessEnv): { config: AppConfig; limits: Limits } {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const faults: string[] = [];
  const reporter = ({ errors }: { readonly errors: Partial<Record<string, Error>> }) => {
    for (const [name, error] of Object.entries(errors)) faults.push(`${name} ${error?.message}.`);
  };
  const config = { ...cleanEnv(given, settings, { reporter }) };
  const limits = { ...cleanEnv(given, limitSettings, { reporter }) };
  const { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } = limits;
  if (DEFAULT_PAGE_SIZE > MAX_PAGE_SIZE) {
    faults.push(`DEFAULT_PAGE_SIZE (${DEFAULT_PAGE_SIZE}) exceeds MAX_PAGE_SIZE (${MAX_PAGE_SIZE}).`);
  }
  if (faults.length > 0) throw new ConfigError(faults.join('\n'));
  return { config, limits };
}
