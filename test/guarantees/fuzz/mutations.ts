import { type Random } from '../random.js';

/** A request that is still in parts. */
export interface Draft {
  method: string;
  /** Segments of the path, encoded. */
  segments: string[];
  /** Names and values of the query, encoded. */
  query: [string, string][];
  headers: [string, string][];
  /** A JSON value, or bytes to send unchanged. */
  body: unknown;
}

type Mutation = (draft: Draft, random: Random) => void;

const NAUGHTY_TEXTS = [
  '',
  '.',
  '..',
  ' ',
  'a b',
  'ä',
  '💥',
  '\0',
  '\ud800',
  'a\nb',
  'x'.repeat(129),
  'x'.repeat(5000),
  '__proto__',
  'constructor',
  '$where',
  'a.b',
  '{"$gt":""}',
  "' OR 1=1 --",
  '<script>',
  '../../etc/passwd',
  'null',
  '0',
  '-1',
  'NaN',
  'true',
  '9'.repeat(40),
];
const NAUGHTY_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  [],
  {},
  [[]],
  { $gt: '' },
  { $ne: null },
  { _bsontype: 'ObjectId' },
  { $ref: 'x', $id: 1 },
  { toString: 1 },
  { 'a.b': 1, $set: { x: 1 } },
  { '': '' },
];
/** JSON that `JSON.stringify` never produces. */
const NAUGHTY_JSON = [
  '',
  '{',
  '[]',
  'null',
  '"text"',
  '1e999',
  '{"sessionId":"a","sessionId":"b","language":"en"}',
  '{"__proto__":{"language":"en"},"sessionId":"proto"}',
  '{"eventId":"n","type":"system","payload":{"n":1e999}}',
  '{"eventId":"n","type":"system","payload":{"__proto__":1}}',
  '{"eventId":"n","type":"system","payload":{"big":12345678901234567890}}',
  '\ufeff{}',
  '{"a":1}}',
  "{'a':1}",
  '['.repeat(50_000),
  `{"eventId":"deep","type":"system","payload":${'{"a":'.repeat(30)}1${'}'.repeat(30)}}`,
];
const RAW_SEGMENTS = [
  '%',
  '%zz',
  '%ff',
  '%00',
  '%2e%2e',
  '%2F',
  '..',
  '.',
  '',
  'a%20b',
  '*',
  '%E2%82%AC',
  '~',
  ';x=1',
];
const NAUGHTY_QUERY_VALUES = [
  '',
  '0',
  '-1',
  '1.5',
  '1e3',
  '101',
  '9'.repeat(30),
  'NaN',
  '%00',
  '%ff',
  'x',
  '%5B%5D',
  '2026-02-30T00:00:00Z',
  '2026-03-01',
  '2026-03-01T00:00:00+02:00',
];
const NAUGHTY_QUERY_NAMES = [
  'unknown',
  'limit[]',
  'limit[a]',
  'cursor[$gt]',
  '__proto__',
  'constructor',
  '',
  '%00',
  'LIMIT',
  'filter[a][b][c][d][e][f][g]',
];
const HEADERS: readonly (readonly [string, string])[] = [
  ['Content-Type', 'text/plain'],
  ['Content-Type', 'application/x-www-form-urlencoded'],
  ['Content-Type', 'application/json; charset=utf-16'],
  ['Content-Type', 'application/json; charset=nonsense'],
  ['Content-Type', 'multipart/form-data'],
  ['Content-Type', ';;;'],
  ['Content-Encoding', 'gzip'],
  ['Content-Encoding', 'br'],
  ['Content-Encoding', 'nonsense'],
  ['Accept', 'text/html'],
  ['Accept', 'nonsense'],
  ['Prefer', 'handling=strict'],
  ['Prefer', 'handling="strict'],
  ['Prefer', ',;=,'],
  ['X-Request-Id', 'mine-1'],
  ['X-Request-Id', '<script>'],
  ['X-Request-Id', 'x'.repeat(2000)],
  ['Origin', 'https://evil.example'],
  ['Range', 'bytes=0-1'],
  ['If-None-Match', '*'],
  ['Expect', '100-continue'],
  ['X-Forwarded-For', '\xff\xfe'],
  ['Cookie', 'a='.repeat(500)],
  ['X-HTTP-Method-Override', 'DELETE'],
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND'];

/** The fuzzer's changes to a valid request. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a path segment': (draft, random) => {
    const place = random.whole(0, Math.max(0, draft.segments.length - 1));
    draft.segments[place] = random.chance(0.5)
      ? random.pick(RAW_SEGMENTS)
      : encodeSegment(random.pick(NAUGHTY_TEXTS));
  },
  'one segment more': (draft, random) => {
    draft.segments.push(random.pick(RAW_SEGMENTS));
  },
  'a query value': (draft, random) => {
    const value = random.pick(NAUGHTY_QUERY_VALUES);
    if (draft.query.length === 0) draft.query.push(['limit', value]);
    else random.pick(draft.query)[1] = value;
  },
  'a query name': (draft, random) => {
    draft.query.push([random.pick(NAUGHTY_QUERY_NAMES), '1']);
  },
  'a query name twice': (draft, random) => {
    draft.query.push(random.chance(0.5) ? ['limit', '1'] : (draft.query[0] ?? ['page', '1']), ['limit', '2']);
  },
  'a header': (draft, random) => {
    const [name, value] = random.pick(HEADERS);
    draft.headers = [...draft.headers.filter(([other]) => other !== name), [name, value]];
  },
  'a field': (draft, random) => {
    if (!isObject(draft.body)) return;
    const names = Object.keys(draft.body);
    const name =
      names.length > 0 && random.chance(0.85)
        ? random.pick(names)
        : random.pick(['unknown', '$set', 'payload']);
    draft.body[name] = random.chance(0.5)
      ? random.pick(NAUGHTY_TEXTS)
      : structuredClone(random.pick(NAUGHTY_VALUES));
  },
  'a field left out': (draft, random) => {
    if (!isObject(draft.body) || Object.keys(draft.body).length === 0) return;
    Reflect.deleteProperty(draft.body, random.pick(Object.keys(draft.body)));
  },
  'something inside': (draft, random) => {
    if (!isObject(draft.body)) return;
    const field = random.pick(['payload', 'metadata']);
    const inner = {
      [random.pick(NAUGHTY_TEXTS)]: random.pick(NAUGHTY_VALUES),
      text: random.pick(NAUGHTY_TEXTS),
    };
    draft.body[field] = random.chance(0.1) ? { text: 'x'.repeat(random.whole(1, 600_000)) } : inner;
  },
  'the whole body': (draft, random) => {
    draft.body = Buffer.from(random.pick(NAUGHTY_JSON));
  },
  'bytes of the body': (draft, random) => {
    const bytes = bytesOf(draft.body) ?? Buffer.from('{}');
    if (bytes.length === 0) return;
    const at = random.whole(0, bytes.length - 1);
    draft.body = random.chance(0.5)
      ? bytes.subarray(0, at)
      : Buffer.from(bytes).fill(random.whole(0, 255), at, at + 1);
  },
  'the method': (draft, random) => {
    draft.method = random.pick(METHODS);
  },
};

/** The bytes of a body; undefined if there is none. */
export function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body;
  return Buffer.from(JSON.stringify(body));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}

function encodeSegment(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
