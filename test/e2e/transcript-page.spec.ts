import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError } from '../support/expectations.js';
import { pathOf } from '../support/client.js';
import { appendAll, createSession, createSessionWith, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const get = (path: string, accept?: string) =>
  service.client.send({ path, headers: accept === undefined ? {} : { Accept: accept } });
const open = async (path: string) => (await get(path, BROWSER)).text;
const say = (number: number, type: string, payload: object) => ({ eventId: `e${number}`, type, payload });

describe('who gets the page', () => {
  it.each([BROWSER, 'text/html', 'text/html,*/*;q=0.1', 'application/json;q=0.5, text/html'])(
    '%s does',
    async (accept) => {
      const { status, headers, text } = await get(pathOf(await createSession(service.client)), accept);

      expect(status).toBe(200);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers.vary).toMatch(/\bAccept\b/);
      expect(text).toMatch(/^<!doctype html>/);
    },
  );

  it.each([
    undefined,
    '*/*',
    'application/json',
    'application/json, text/plain, */*',
    'application/json,text/html;q=0.9',
    'image/png',
  ])('%s does not', async (accept) => {
    const { status, headers, body } = await get(pathOf(await createSession(service.client)), accept);

    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers.vary).toMatch(/\bAccept\b/);
    expect(body).toMatchObject({ events: [] });
  });
});

describe('the page', () => {
  it('may use its own style and nothing else', async () => {
    const sessionId = await createSession(service.client);
    await service.client.complete(sessionId);
    const { headers, text } = await get(pathOf(sessionId), BROWSER);
    const style = /<style>([^]*)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');

    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(text).not.toMatch(/<script|<link|<img|\bsrc=|\bon\w+=|style=|url\(/i);
  });

  it('may run a single script, which follows the session while it runs', async () => {
    const { headers, text } = await get(pathOf(await createSession(service.client)), BROWSER);
    const scripts = [...text.matchAll(/<script type="module">([^]*?)<\/script>/g)].map(
      ([, script]) => script,
    );
    const hash = createHash('sha256')
      .update(scripts[0] ?? '')
      .digest('base64');

    expect(scripts).toHaveLength(1);
    expect(headers['content-security-policy']).toContain(
      `; script-src 'sha256-${hash}'; connect-src 'self'; base-uri 'none';`,
    );
  });

  it.each([
    ['limit=2', false],
    ['limit=2&page=2', true],
    ['limit=2&page=3', false],
    ['limit=4', true],
    ['order=asc&sort=sequence', true],
    ['order=desc', false],
    ['type=user_speech', false],
    ['afterSequence=0', false],
    ['from=2020-01-01T00:00:00Z', false],
  ])('of ?%s follows the session: %s', async (query, follows) => {
    const sessionId = await createSessionWith(service.client, 4);

    expect((await open(`${pathOf(sessionId)}?${query}`)).includes('<script')).toBe(follows);
  });

  it('shows who said what and when, and the session’s data', async () => {
    const sessionId = await createSession(service.client, {
      language: 'pt-BR',
      metadata: { caller: '+55 11', agent: { v: 2 } },
    });
    const [first] = await appendAll(service.client, sessionId, [
      say(1, 'bot_speech', { text: 'Bom dia!' }),
      say(2, 'user_speech', { text: 'Olá', confidence: 0.93 }),
      say(3, 'system', { transfer: 'queue-7' }),
    ]);
    const page = await open(pathOf(sessionId));

    expect(page).toContain(sessionId);
    expect(page).toMatch(/class="badge active">\s*active/);
    for (const text of ['pt-BR', 'caller', '+55 11', '{ &quot;v&quot;: 2 }']) expect(page).toContain(text);
    expect(page).toContain(
      `<time datetime="${first?.timestamp ?? ''}">${first?.timestamp.slice(11, 19) ?? ''}</time>`,
    );
    expect(page).toMatch(/<b>Bot<\/b>[^]*Bom dia![^]*<b>User<\/b>[^]*Olá[^]*<b>System<\/b>/);
    expect(page).toContain('{ &quot;confidence&quot;: 0.93 }');
    expect(page).toContain('{ &quot;transfer&quot;: &quot;queue-7&quot; }');
    expect(page).not.toContain('late"');
  });

  it('marks late events, and the place of the end', async () => {
    const sessionId = await createSession(service.client);
    await appendAll(service.client, sessionId, [say(1, 'user_speech', { text: 'before' })]);
    const { body } = await service.client.complete(sessionId);
    await appendAll(service.client, sessionId, [say(2, 'user_speech', { text: 'after' })]);
    const page = await open(pathOf(sessionId));

    expect(page).toMatch(/class="event user_speech" id="event-1"/);
    expect(page).toMatch(/class="event user_speech late" id="event-2"/);
    expect(page).toMatch(/before[^]*Completed at[^]*>late<[^]*after/);
    expect(page).toContain(`<time datetime="${body.endedAt ?? ''}">`);
  });

  it('links to the next page and the previous one, with the same limit and filters', async () => {
    const sessionId = await createSession(service.client);
    await appendAll(
      service.client,
      sessionId,
      upTo(7).map((number) => say(number, number > 5 ? 'system' : 'user_speech', { text: `no ${number}.` })),
    );
    const link = (page: string, rel: string) =>
      new RegExp(`href="([^"]*)" rel="${rel}"`).exec(page)?.[1]?.replaceAll('&amp;', '&');
    const start = await open(`${pathOf(sessionId)}?limit=2&type=user_speech`);
    expect(link(start, 'prev')).toBeUndefined();

    const middle = await open(`${pathOf(sessionId)}${link(start, 'next') ?? ''}`);
    expect(middle).toMatch(/no 3\.[^]*no 4\.[^]*Page 2 of 3/);
    expect(await open(`${pathOf(sessionId)}${link(middle, 'prev') ?? ''}`)).toMatch(/no 1\.[^]*no 2\./);

    const end = await open(`${pathOf(sessionId)}${link(middle, 'next') ?? ''}`);
    expect(end).toMatch(/no 5\.[^]*Page 3 of 3/);
    expect(end).not.toMatch(/no [46]\./);
    expect(link(end, 'next')).toBeUndefined();
  });

  it('continues by cursor if it was requested by cursor', async () => {
    const sessionId = await createSession(service.client);
    await appendAll(
      service.client,
      sessionId,
      upTo(5).map((number) => say(number, 'user_speech', { text: `no ${number}.` })),
    );
    const { body } = await service.client.read(sessionId, { limit: 2 });
    const page = await open(`${pathOf(sessionId)}?limit=2&cursor=${body.pagination.nextCursor ?? ''}`);

    expect(page).toMatch(/no 3\.[^]*no 4\.[^]*First page/);
    expect(page).not.toContain('Page 2');
    const next = /href="([^"]*)" rel="next"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(await open(`${pathOf(sessionId)}${next}`)).toContain('no 5.');
  });

  it('escapes every value', async () => {
    const hostile = `</p></style></title><script>alert(1)</script><img src=x onerror=alert(2)> " ' & javascript:alert(3)`;
    const sessionId = `"><script>alert(4)</script>'&%2f`;
    await createSession(service.client, {
      sessionId,
      metadata: { [hostile]: hostile, nested: { [hostile]: [hostile] } },
    });
    await appendAll(service.client, sessionId, [
      say(1, 'user_speech', { text: hostile }),
      say(2, 'system', { [hostile]: hostile, long: hostile.repeat(3) }),
      {
        eventId: '"onclick="alert(5)"',
        type: 'bot_speech',
        payload: { text: '', href: 'javascript:alert(6)' },
      },
    ]);
    const page = await open(`${pathOf(sessionId)}?limit=100`);

    expect(page).not.toMatch(/<script(?! type="module">)|<img|"onclick|<\/p><\/style>/);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect([...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).not.toContainEqual(
      expect.stringMatching(/^\s*javascript:/i),
    );
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });
});

describe('errors', () => {
  it('are pages for browsers, with the same status, words and id', async () => {
    const { status, headers, text } = await get('/sessions/%3Cb%3Enone', BROWSER);

    expect(status).toBe(404);
    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
    expect(text).toContain('There is no session &quot;&lt;b&gt;none&quot;');
    expect(text).toContain(headers['x-request-id']);
  });

  it('are pages for a wrong query and an unknown path too', async () => {
    const sessionId = await createSession(service.client);

    expect((await get(`${pathOf(sessionId)}?limit=0`, BROWSER)).text).toContain(
      'limit must not be less than 1',
    );
    expect((await get('/nowhere', BROWSER)).text).toContain('There is nothing at /nowhere');
  });

  it('stay JSON for all other clients, and for every write', async () => {
    expectError(await get('/sessions/none'), 'SESSION_NOT_FOUND');
    expectError(await service.client.post('/sessions', {}, { Accept: BROWSER }), 'VALIDATION_FAILED');
  });
});
