import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, type Page } from 'playwright-core';
import { pathOf, type ServiceClient } from '../support/client.js';
import { freePort } from '../support/ports.js';
import { onStore, startProcess, type ServiceProcess } from '../support/processes.js';
import { anEvent, appendAll, createSession, createSessionWith, newId, upTo } from '../support/samples.js';
import { makeStore, type TestStore } from '../support/store.js';
import { until } from '../support/until.js';
import { findChromium, HANGS_MS, launch, open, violationsOf } from './browser.js';

const chromiumAt = findChromium();
if (chromiumAt === undefined) {
  process.stderr.write('The pages are not tested: there is no Chromium here (CHROMIUM may say where).\n');
}

const START = Date.parse('2026-03-01T12:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();

/** An event of a call, so many seconds after its start. */
const event = (seconds: number, type: string, payload: object, fields: object = {}) => ({
  eventId: `at-${seconds}`,
  type,
  payload,
  timestamp: at(seconds),
  ...fields,
});

(chromiumAt === undefined ? describe.skip : describe)('in a browser', () => {
  let store: TestStore;
  let port: number;
  let service: ServiceProcess;
  let browser: Browser;
  let client: ServiceClient;

  async function start(): Promise<void> {
    service = await startProcess({
      ...onStore(store),
      PORT: String(port),
      METADATA_FILTER_KEYS: 'caller,queue',
    });
    client = service.client;
    await service.wrote('Connected to the store');
  }
  beforeAll(async () => {
    [store, port, browser] = await Promise.all([makeStore(), freePort(), launch(chromiumAt ?? '')]);
    await start();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });
  afterAll(async () => {
    await browser.close();
    await service.stop();
    await store.remove();
  });

  const openPath = (path: string, options: object = {}) => open(browser, client.origin + path, options);

  /** A call with everything that a page can show. */
  async function record(fields: object = {}): Promise<string> {
    const sessionId = await createSession(client, {
      startedAt: at(0),
      metadata: { caller: '+44', note: 'long'.repeat(60), nested: { list: upTo(9) }, ['key-'.repeat(30)]: 1 },
      ...fields,
    });
    await appendAll(client, sessionId, [
      event(0.2, 'system', { event: 'call_connected', direction: 'inbound' }),
      event(1, 'bot_speech', { text: 'Hello! How can I help?', durationMs: 2000, voice: 'Ada' }),
      event(4, 'user_speech', { text: 'My inter' }),
      event(5, 'user_speech', { message: 'My internet is down.' }, { replaces: 'at-4' }),
      event(8, 'tool_call', { name: 'find_customer', arguments: { phone: '+44' }, id: 'c1' }),
      event(9, 'tool_result', { id: 'c1', output: { customer: 'C-48213' } }),
      event(10, 'dtmf', { digits: '12#' }),
      event(11, 'user_speech', { text: 'My card number is 4242' }),
      event(31, 'agent_speech', { content: ['Sam here.', 'I took over.'] }),
      event(34, 'user_speech', { text: 'w'.repeat(300) }),
    ]);
    await client.send({ method: 'DELETE', path: `${pathOf(sessionId)}/events/at-11` });
    await client.complete(sessionId, { endedAt: at(200) });
    await appendAll(client, sessionId, [
      event(201, 'user_speech', { text: `One more: ${'word '.repeat(2000)}` }),
    ]);
    return sessionId;
  }

  /** The rows of a conversation, without what stands above a turn and what is folded in. */
  const ROWS = ['.say > :is(p, em)', '.say summary', '#turns > :not(.turn)'].join();

  it('shows an empty store, how to record a first call, and that call when it is there', async () => {
    const { page, complaints } = await openPath('/');
    await page.getByText('Nothing is recorded yet').waitFor();
    expect(await violationsOf(page)).toEqual([]);

    execFileSync('sh', ['-c', await page.locator('#first pre').innerText()], { stdio: 'ignore' });
    await page.getByRole('link', { name: 'my-first-call' }).getByText('1 event').waitFor();

    expect(await page.locator('#first').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  it.each([
    ['the list', () => record().then(() => '/sessions?status=completed,failed')],
    ['a call', () => record().then(pathOf)],
    ['a running call', () => createSessionWith(client, 3).then(pathOf)],
    ['no call', () => Promise.resolve('/sessions/none')],
  ])('%s is accessible and fits, light and dark, narrow and wide', async (_what, prepare) => {
    const { page } = await openPath(await prepare());
    await page.locator('.list a, .turn, [role=alert]').first().waitFor();
    await page.evaluate(`for (const folded of document.querySelectorAll('details')) folded.open = true`);
    for (const [colorScheme, width] of [
      ['light', 400],
      ['dark', 1400],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });

      expect([colorScheme, width, await violationsOf(page)]).toEqual([colorScheme, width, []]);
      const beyond = 'document.documentElement.scrollWidth - innerWidth';
      expect(await page.evaluate(beyond)).toBeLessThanOrEqual(0);
    }
  });

  describe('the list', () => {
    it('finds the failed calls of a caller on one day, by filters that are in the address', async () => {
      const caller = newId();
      const day = (text: string) => new Date(`${text}T12:00:00`).toISOString();
      const recordAt = async (startedAt: string, status: string, from = caller) => {
        const sessionId = await createSession(client, { startedAt, metadata: { queue: 'q', caller: from } });
        await client.complete(sessionId, { status });
        return sessionId;
      };
      const wanted = await recordAt(day('2026-02-03'), 'failed');
      await recordAt(day('2026-02-03'), 'completed');
      await recordAt(day('2026-02-04'), 'failed');
      await recordAt(day('2026-02-03'), 'failed', 'another');
      const { page } = await openPath('/');
      await page.getByLabel('caller').fill(caller);
      await page.getByLabel('Status').selectOption('failed');
      await page.getByLabel('From').fill('2026-02-03');
      await page.getByLabel('Until').fill('2026-02-03');
      await page.getByRole('button', { name: 'Filter' }).click();
      await page.locator('.list a').first().waitFor();

      const rows = await page.locator('.list a').allInnerTexts();
      expect(rows).toEqual([expect.stringContaining(wanted)]);
      expect(rows[0]).toContain(caller);
      expect(rows[0]).toContain('failed');
      const query = new URL(page.url()).searchParams;
      expect([query.get('metadata.caller'), query.get('from')]).toEqual([caller, '2026-02-03']);

      await page.getByRole('link', { name: 'status: failed' }).click();
      await page.locator('.list li:nth-child(2)').waitFor();
      expect(await page.locator('.list a').count()).toBe(2);
      await page.getByRole('link', { name: `caller: ${caller}` }).click();
      await page.getByRole('link', { name: 'another' }).waitFor();

      await page.goto(`${client.origin}/sessions?metadata.unknown=1`);
      expect(await page.getByRole('alert').innerText()).toMatch(/metadata\.caller/);
    });

    it('shows the running ones first, new ones and ends by themselves, and 100 a page', async () => {
      const queue = newId();
      const metadata = { queue };
      const recordOne = async (n: number) => {
        const sessionId = await createSession(client, { startedAt: at(n), metadata });
        await client.complete(sessionId, { endedAt: at(n + 5) });
      };
      await Promise.all(upTo(101).map(recordOne));
      const running = await createSession(client, { startedAt: at(0), metadata });
      const { page, complaints } = await openPath(`/sessions?metadata.queue=${queue}`);
      await page.locator('#others li:nth-child(100)').waitFor();
      const first = page.locator('.list a').first();
      expect(await first.innerText()).toContain(running);
      expect(await page.locator('#others li').count()).toBeLessThanOrEqual(100);

      await page.getByRole('button', { name: 'More' }).click();
      await page.locator('#others li:nth-child(101)').waitFor();
      expect(await page.getByRole('button', { name: 'More' }).isVisible()).toBe(false);

      const another = await createSession(client, { startedAt: at(500), metadata });
      await page.locator('#running').getByText(another).waitFor();
      await client.complete(another);
      await page.locator('#others').getByText(another).waitFor();
      expect(await page.locator('#others a').first().innerText()).toMatch(/completed/);
      expect(complaints).toEqual([]);
    });

    it('opens a call by its id, whatever characters it has', async () => {
      const sessionId = `!"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~${newId()}`;
      await createSession(client, { sessionId });
      const { page } = await openPath('/');
      await page.getByLabel('Open a conversation by its id').fill(sessionId);
      await page.keyboard.press('Enter');
      await page.locator('h1 bdi').waitFor();

      expect(await page.locator('h1 bdi').innerText()).toBe(sessionId);
    });
  });

  describe('a conversation', () => {
    it('shows who said what and when, tools in a line, silences, the end and what came late', async () => {
      const sessionId = await record();
      const { page, complaints } = await openPath(pathOf(sessionId), {
        timezoneId: 'Asia/Tokyo',
        viewport: { width: 1000, height: 3000 }, // what is off the screen has no text to see
      });
      await page.getByText('One more').waitFor();

      const rows = await page.locator(ROWS).allInnerTexts();
      expect(rows.map((text) => text.trim())).toEqual([
        'Sunday, 1 March 2026',
        'call connected · direction: inbound',
        'Hello! How can I help?',
        'My internet is down.',
        'find_customer(phone: +44)',
        'Keypad 12#',
        'Redacted',
        'Silence 0:20',
        'Sam here.\nI took over.',
        'w'.repeat(300),
        'Completed at 21:03:20',
        'Silence 2:27',
        expect.stringMatching(/^One more: word/),
      ]);
      const heads = await page.locator('.who').allInnerTexts();
      expect(heads[1]?.split('\n')).toEqual(['Bot', '0:01', '21:00:01', '⋯']);
      expect(heads.at(-1)?.split('\n')).toEqual(['User', '3:21', '21:03:21', 'late', '⋯']);
      const facts = await page.locator('#head').innerText();
      for (const fact of [
        '1 Mar 2026, 21:00',
        '3:20',
        'en-GB',
        '11',
        '+44',
        '{"list":[1,2,3,4,5,6,7,8,9]}',
      ]) {
        expect(facts).toContain(fact);
      }
      expect(await page.getByText('My inter', { exact: true }).isVisible()).toBe(false);
      await page.getByText('Replaces 1 earlier').click();
      expect(await page.getByText('My inter', { exact: true }).isVisible()).toBe(true);
      await page.getByText('find_customer').click();
      expect(await page.locator('.tool_call pre').first().innerText()).toContain('"customer": "C-48213"');
      const bot = page.locator('.bot_speech');
      await bot.getByLabel('Details').click();
      expect(await bot.locator('pre').innerText()).toContain('"voice": "Ada"');
      expect(await bot.locator('pre').innerText()).not.toContain('How can I help');
      await bot.getByRole('link', { name: 'JSON' }).click();
      await page.waitForURL(/\/events\/at-1$/);
      expect(JSON.parse(await page.locator('body').innerText())).toMatchObject({ eventId: 'at-1' });
      expect(complaints).toEqual([]);
    });

    it('counts from the earliest moment where events are older than the start', async () => {
      const sessionId = await createSession(client);
      await appendAll(client, sessionId, [event(5, 'user_speech', {}), event(0, 'bot_speech', {})]);
      const { page } = await openPath(pathOf(sessionId));
      await page.locator('.who a').nth(1).waitFor();

      expect(await page.locator('.who a').allInnerTexts()).toEqual(['0:00', '0:05']);
    });

    it('is loaded as one scrolls, or up to the turn that a link names', async () => {
      const sessionId = await createSessionWith(client, 220);
      await client.complete(sessionId);
      const { page } = await openPath(pathOf(sessionId));
      await page.locator('.turn').first().waitFor();
      expect(await page.locator('.turn').count()).toBeLessThan(220);
      while ((await page.locator('.turn').count()) < 220) await page.mouse.wheel(0, 10_000);
      await page.getByText('Completed at').waitFor();

      const linked = await openPath(`${pathOf(sessionId)}#205`);
      await linked.page.locator('[id="205"]:focus').waitFor();
      const top = await linked.page.evaluate(`document.activeElement.getBoundingClientRect().top`);
      expect(top).toBeGreaterThan(0);
      expect(top).toBeLessThan(700);
      await linked.page.goto(`${client.origin}${pathOf(sessionId)}#221`);
      await linked.page.getByText('There is no turn 221').waitFor();
    });

    it('can be searched and stepped through by the keyboard alone', async () => {
      const { page } = await openPath(pathOf(await record()));
      await page.locator('.late').waitFor();
      await page.keyboard.press('j');
      const focused = () => page.evaluate('document.activeElement.id');
      const first = await focused();
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      expect([first, await focused(), new URL(page.url()).hash]).toEqual(['1', '4', '#4']);
      await page.keyboard.press('k');
      expect(await focused()).toBe('2');

      await page.keyboard.press('/');
      await page.keyboard.type('C-48');
      await page.getByText('1 of 1').waitFor();
      expect(await page.locator('.tool_call details[open] pre').isVisible()).toBe(true);
      await page.locator('#search').fill('WORD');
      await page.getByText('1 of 2000').waitFor();
      await page.keyboard.press('Enter');
      await page.getByText('2 of 2000').waitFor();
      await page.keyboard.press('Shift+Enter');
      await page.keyboard.press('Shift+Enter');
      await page.getByText('2000 of 2000').waitFor();
      expect(await page.evaluate(`CSS.highlights.get('found').size`)).toBe(2000);
      await page.locator('#search').fill('(no such');
      await page.getByText('0 of 0').waitFor();
    });

    it('shows hostile values as text, and executes none of them', async () => {
      const attack = (number: number) =>
        `</p></script><script>alert(${number})</script><img src=x onerror="alert(${number})">\u202E' onfocus=alert(${number}) autofocus`;
      const sessionId = `<script>alert(1)</script>"'&${newId()}`;
      await createSession(client, { sessionId, metadata: { [attack(2)]: attack(3), caller: attack(9) } });
      await appendAll(client, sessionId, [
        event(0, 'user_speech', { text: attack(5) }, { eventId: `"onmouseover="alert(4)` }),
        event(1, 'tool_call', { name: attack(6), arguments: { [attack(7)]: attack(8) } }),
        event(2, 'system', { href: 'javascript:alert(10)', text: 'javascript:alert(11)' }),
      ]);
      const { page, complaints } = await openPath(pathOf(sessionId));
      await page.locator('.turn').nth(2).waitFor();
      for (const dots of await page.getByLabel('Details').all()) await dots.click();

      expect(await page.title()).toBe(`${sessionId} · conversation`);
      expect(await page.locator('.say p').first().innerText()).toBe(attack(5));
      const intruders = 'body script, img, iframe, [onload], [onerror], [onfocus], a[href^=javascript]';
      expect(await page.locator(intruders).count()).toBe(0);
      await page.goto(`${client.origin}/`);
      await page.getByText(attack(9)).waitFor();
      expect(await page.locator(intruders).count()).toBe(0);
      expect(complaints).toEqual([]);
    });

    it('that is unknown or deleted says so', async () => {
      const deleted = await createSession(client);
      await client.delete(deleted);
      const { page } = await openPath('/sessions/none');
      expect(await page.getByRole('alert').innerText()).toContain('There is no such conversation');
      await page.goto(client.origin + pathOf(deleted));
      expect(await page.getByRole('alert').innerText()).toContain('was deleted');
      await page.getByRole('link', { name: 'Conversations' }).click();
      await page.locator('.list a').first().waitFor();
    });

    it('can be downloaded in five formats, copied, and printed as a whole', async () => {
      const sessionId = await record();
      const { page } = await openPath(pathOf(sessionId));
      const formats = {
        text: ['transcript', 'txt'],
        WebVTT: ['transcript?format=vtt', 'vtt'],
        SRT: ['transcript?format=srt', 'srt'],
        vCon: ['transcript?format=vcon', 'vcon.json'],
        NDJSON: ['export', 'ndjson'],
      };
      const contentOf = async (path?: string) => {
        const { text } = await client.send({ path: `${pathOf(sessionId)}/${path}` });
        return text;
      };
      for (const [name, [path, ending]] of Object.entries(formats)) {
        const downloading = page.waitForEvent('download');
        await page.getByRole('link', { name, exact: true }).click();
        const download = await downloading;
        expect(download.suggestedFilename()).toBe(`${sessionId}.${ending}`);
        expect(await readFile(await download.path(), 'utf8')).toBe(await contentOf(path));
      }

      await page.getByRole('button', { name: 'Copy' }).click();
      await page.getByText('Copied.').waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await contentOf('transcript'));

      const long = await createSessionWith(client, 150);
      await client.complete(long);
      await page.goto(client.origin + pathOf(long));
      await page.evaluate(
        `print = () => note.textContent = document.querySelectorAll('.turn').length + ' printed'`,
      );
      await page.getByRole('button', { name: 'Print' }).click();
      await page.getByText('150 printed').waitFor();
    });
  });

  describe('a running conversation', () => {
    const say = (number: number) => anEvent({ payload: { text: `Sentence ${number}.` } });
    const untilLive = (page: Page, hasText: string | RegExp) =>
      page.locator('#live').filter({ hasText }).waitFor();
    const isAtEnd = 'innerHeight + scrollY > document.documentElement.scrollHeight - 80';

    it('is followed from its end and from its top, through a restart of the service, to its end', async () => {
      const sessionId = await createSessionWith(client, 200);
      const { page } = await openPath(pathOf(sessionId));
      const { page: atTop } = await openPath(`${pathOf(sessionId)}#1`);
      await untilLive(atTop, 'Live ↓');
      await untilLive(page, /^Live$/);
      expect(await page.locator('.turn').count()).toBe(200);
      await client.append(sessionId, say(1));
      await page.getByText('Sentence 1.').waitFor();
      await until(() => page.evaluate<boolean>(isAtEnd), HANGS_MS);

      await service.stop();
      await untilLive(page, 'Connection lost');
      await start();
      await client.append(sessionId, say(2));
      await page.getByText('Sentence 2.').waitFor();
      await untilLive(atTop, '2 new ↓');
      expect(await atTop.evaluate('scrollY')).toBeLessThan(500);
      await atTop.locator('#live').click();
      for (const each of [page, atTop]) await untilLive(each, /^Live$/);

      await client.complete(sessionId, { status: 'failed' });
      for (const each of [page, atTop]) await each.getByText('Failed at').waitFor();
      expect(await page.locator('#live').isVisible()).toBe(false);
      expect(await page.locator('h1').innerText()).toContain('failed');
      expect([await page.locator('.turn').count(), await atTop.locator('.turn').count()]).toEqual([202, 202]);
      const deleted = await createSessionWith(client, 1);
      const { page: other } = await openPath(pathOf(deleted));
      await untilLive(other, /^Live$/);
      await client.delete(deleted);
      await other.getByText('This conversation was deleted').waitFor();
    });
  });
});
