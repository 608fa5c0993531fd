import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError, expectFirst } from '../support/expectations.js';
import { openRaw } from '../support/http.js';
import { aSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  service.client.postText('/sessions', body, headers);

/** The JSON of a valid creation, padded to an exact size in bytes. */
function sessionOf(bytes: number): string {
  const json = JSON.stringify(aSession());
  return json.padEnd(bytes, ' ');
}

describe('the encoding of a body', () => {
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as [string, (text: string) => Buffer][])('%s is understood', async (encoding, encode) => {
    const body = aSession({ metadata: { text: 'Grüße 🙂' } });

    const answer = await post(encode(JSON.stringify(body)), { 'Content-Encoding': encoding });

    expectFirst(answer);
    expect(answer.body).toMatchObject(body);
  });

  it('a broken gzip is 400', async () => {
    const broken = gzipSync(JSON.stringify(aSession())).subarray(0, -12);

    for (const body of [broken, '{}']) {
      const { message } = expectError(await post(body, { 'Content-Encoding': 'gzip' }), 'BAD_REQUEST');
      expect(message).toMatch(/^The body can't be read: /);
    }
  });

  it('an unknown one is 415', async () => {
    expectError(await post('{}', { 'Content-Encoding': 'rot13' }), 'UNSUPPORTED_MEDIA_TYPE');
  });

  it('a byte order mark is skipped', async () => {
    expectFirst(await post(`\ufeff${JSON.stringify(aSession())}`));
  });

  it.each([
    ['a lone continuation byte', [0x80]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ])('%s is not UTF-8, and refused', async (_what, bytes) => {
    const [before = '', after = ''] = JSON.stringify(aSession({ metadata: { text: '#' } })).split('#');

    const answer = await post(Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]));

    expectError(answer, 'MALFORMED_JSON');
  });
});

describe('the content type of a body', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json; charset=utf8',
    'application/vnd.example+json',
  ])('%s is JSON', async (type) => {
    expectFirst(await post(JSON.stringify(aSession()), { 'Content-Type': type }));
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    '',
    'application/json; charset=iso-8859-1',
  ])('%p is not', async (type) => {
    const answer = await post(JSON.stringify(aSession()), { 'Content-Type': type });

    expectError(answer, 'UNSUPPORTED_MEDIA_TYPE');
  });
});

describe('the size of a body', () => {
  const LIMIT = 512 * 1024;

  it('may be exactly the limit, and not one byte more', async () => {
    expectFirst(await post(sessionOf(LIMIT)));
    expectError(await post(sessionOf(LIMIT + 1)), 'PAYLOAD_TOO_LARGE');
  });

  it('counts after decompression', async () => {
    const body = gzipSync(sessionOf(LIMIT + 1));
    expect(body.length).toBeLessThan(2000);

    expectError(await post(body, { 'Content-Encoding': 'gzip' }), 'PAYLOAD_TOO_LARGE');
  });

  it('counts if the length is not announced', async () => {
    const connection = await openRaw(service.client.origin);
    const head = 'POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    connection.write(`${head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`);
    for (let sent = 0; sent <= LIMIT; sent += 0x8000) connection.write(`8000\r\n${' '.repeat(0x8000)}\r\n`);
    connection.write('0\r\n\r\n');

    const answer = await connection.closed();

    expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*"code":"PAYLOAD_TOO_LARGE"/);
  });
});

describe('the JSON of a body', () => {
  it.each(['', ' '])('is missing: %p', async (body) => {
    expect((await post(body)).status).toBe(400);
  });

  it.each(['{', "{'sessionId':'a'}", '{"a":01}', '{"a":"\t"}'])('is malformed: %p', async (body) => {
    expectError(await post(body), 'MALFORMED_JSON');
  });

  it.each(['null', '0', '"text"', '[{"sessionId":"a","language":"en"}]'])(
    'is no object: %s',
    async (body) => {
      for (const path of ['/sessions', '/sessions/x/events', '/sessions/x/complete']) {
        expectError(await service.client.postText(path, body), 'VALIDATION_FAILED', 'body');
      }
    },
  );

  it('is read without a byte order mark, its numbers too', async () => {
    const { sessionId } = aSession();
    const creation = (n: string) =>
      `\ufeff{"sessionId":"${sessionId}","language":"en","metadata":{"n":${n}}}`;

    expectError(await post(creation('12345678901234567890')), 'VALIDATION_FAILED', 'metadata');
    expectFirst(await post(creation('1234567890123456')));
  });
});
