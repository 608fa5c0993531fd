import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError } from '../support/expectations.js';
import { openRaw } from '../support/http.js';
import { anEvent, aSession, createSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

const FRIEND = 'https://app.example';

let service: TestService;
let sessionId: string;
let own: string;
beforeAll(async () => {
  service = await startService({
    CORS_ORIGINS: [FRIEND, 'https://*.friends.example', 'capacitor://localhost'],
    ALLOWED_HOSTS: ['calls.example', '*.friends.example'],
  });
  sessionId = await createSession(service.client);
  own = new URL(service.client.origin).host;
});
afterAll(() => service.close());

type Headers = Record<string, string>;

const complete = (headers: Headers) =>
  service.client.send({ method: 'POST', path: `/sessions/${sessionId}/complete`, headers });
const read = (headers: Headers) => service.client.send({ path: `/sessions/${sessionId}`, headers });

describe('a write from a web page', () => {
  it.each<[string, Headers]>([
    ['of another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://other.example' }],
    ['of another site, whose origin the browser keeps to itself', { 'Sec-Fetch-Site': 'cross-site' }],
    ['of another site, by a browser that knows only Origin', { Origin: 'https://other.example' }],
    ['on another port of this machine', { 'Sec-Fetch-Site': 'same-site', Origin: 'http://localhost:1' }],
    ['of a site whose name begins like a friend’s', { Origin: `${FRIEND}.other` }],
    ['of a site that only ends like friends', { Origin: 'https://evil-friends.example' }],
    ['of friends over another scheme', { Origin: 'http://a.friends.example' }],
  ])('%s is refused, body or no body, and changes nothing', async (_whose, headers) => {
    const answers = [
      await complete(headers),
      await service.client.create(aSession(), headers),
      await service.client.append(sessionId, anEvent(), headers),
    ];

    for (const answer of answers) expectError(answer, 'CROSS_ORIGIN_REFUSED');
    expect((await service.client.read(sessionId)).body).toMatchObject({ status: 'initiated', events: [] });
  });

  it('of the service’s own is accepted, under each of its names', async () => {
    const { port } = new URL(service.client.origin);
    for (const name of ['localhost', '127.0.0.1', '[::1]', 'calls.localhost', 'calls.example']) {
      const host = `${name}:${port}`;
      const page = { Host: host, Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' };
      expect((await service.client.create(aSession(), page)).status).toBe(201);
    }
  });

  it.each([FRIEND, 'https://a.friends.example', 'capacitor://localhost'])(
    'of %s, an origin in CORS_ORIGINS, is accepted after its preflight',
    async (from) => {
      const page = { Origin: from, 'Sec-Fetch-Site': 'cross-site' };
      const preflight = await service.client.send({
        method: 'OPTIONS',
        path: '/sessions',
        headers: { ...page, 'Access-Control-Request-Method': 'POST' },
      });
      const written = await service.client.create(aSession(), page);

      expect([preflight.status, written.status]).toEqual([204, 201]);
      for (const { headers } of [preflight, written]) {
        expect(headers['access-control-allow-origin']).toBe(from);
      }
      const exposed = String(written.headers['access-control-expose-headers']).split(',');
      expect(exposed).toEqual(expect.arrayContaining(['Idempotent-Replayed', 'Retry-After']));
    },
  );

  it('may be started by its user, from the address bar or a bookmark', async () => {
    const headers = { 'Sec-Fetch-Site': 'none' };

    expect((await service.client.create(aSession(), headers)).status).toBe(201);
  });
});

describe('a host', () => {
  it.each(['rebound.example', 'rebound.example:3000', 'friends.example', 'x'.repeat(5000)])(
    'that is not a name of the service is refused: %s',
    async (host) => {
      for (const path of [`/sessions/${sessionId}`, '/', '/docs/openapi.json', '/metrics']) {
        const answer = await service.client.send({ path, headers: { Host: host } });
        const { message } = expectError(answer, 'HOST_REFUSED');
        expect(message.length).toBeLessThan(200);
      }
      expectError(await service.client.create(aSession(), { Host: host }), 'HOST_REFUSED');
      const probe = await service.client.send({ path: '/health/live', headers: { Host: host } });
      expect(probe.status).toBe(200);
    },
  );

  it.each([
    'localhost',
    '127.0.0.1',
    '[::1]',
    'a.b.localhost',
    '10.0.0.1',
    '[::2]:80',
    'any.friends.example:3000',
    'Calls.Example:443',
  ])('is one of the service’s own: %s', async (host) => {
    expect((await read({ Host: host })).status).toBe(200);
  });

  it.each([
    ['none in HTTP/1.0', 200, 'GET / HTTP/1.0\r\n\r\n'],
    ['an empty one', 403, 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
  ])('%s: %i', async (_what, status, text) => {
    const connection = await openRaw(`http://${own}`);
    connection.write(text);
    await connection.received(`HTTP/1.1 ${status}`);
    connection.leave();
  });
});

/** A page whose own name was made to resolve to the service's address, as a browser shows it. */
const REBOUND = { Host: 'evil.example', Origin: 'http://evil.example', 'Sec-Fetch-Site': 'same-origin' };

describe('a name that leads to the service', () => {
  it.each<[string, string, string[]]>([
    ['a loopback address in short', '127.1', []],
    ['all of an IPv6 address', '0:0:0:0:0:0:0:1', []],
    ['an IPv4 address as one of IPv6', '::ffff:127.0.0.1', []],
    ['a name in capitals', 'LOCALHOST', []],
    ['every address, as in the image', '0.0.0.0', ['localhost']],
  ])('lets no page in while it listens on %s', async (_what, address, ALLOWED_HOSTS) => {
    const other = await startService({ ALLOWED_HOSTS }, [], undefined, address);
    try {
      const { client } = other;
      const session = aSession();
      const refused = [
        await client.create(session, REBOUND),
        await client.send({ path: `/sessions/${session.sessionId}`, headers: REBOUND }),
      ];
      const { port } = new URL(client.origin);
      const accepted = [
        await client.create(session),
        await client.create(session, { Host: `localhost:${port}`, Origin: `http://localhost:${port}` }),
        await client.create(session, { Host: `10.1.2.3:${port}` }),
      ];

      for (const answer of refused) expectError(answer, 'HOST_REFUSED');
      expect(accepted.map(({ status }) => status)).toEqual([201, 200, 200]);
    } finally {
      await other.close();
    }
  });

  it.each(['Dockerfile', 'compose.yaml'])('is looked at where the service is started by %s', (file) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    expect(text).toMatch(/\bALLOWED_HOSTS(=|: )localhost\b/);
  });

  it('may be any while it listens on the network without ALLOWED_HOSTS', async () => {
    const other = await startService({}, [], undefined, '0.0.0.0');
    try {
      expect((await other.client.send({ path: '/', headers: { Host: 'other.example:3000' } })).status).toBe(
        200,
      );
    } finally {
      await other.close();
    }
  });
});

describe('Cache-Control', () => {
  it('keeps responses about sessions out of every cache, including errors', async () => {
    const answers = [
      await read({}),
      await service.client.read('none'),
      await service.client.create({}),
      await service.client.create(aSession()),
    ];

    for (const { headers } of answers) expect(headers['cache-control']).toBe('no-store');
  });
});
