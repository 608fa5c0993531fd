import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pathOf } from '../support/client.js';
import { anEvent, appendAll, createSession, createSessionWith, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { Chromium, findChromium } from './chromium.js';

const executable = findChromium();

/** The lowest contrast (WCAG 2.2, 1.4.3) of all texts in the page, and the text that has it. */
const LOWEST_CONTRAST = `(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgb = (colors) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let lowest = { contrast: 21, text: '' };
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim();
    if (!text || !texts.currentNode.parentElement.checkVisibility()) continue;
    const behind = [];
    for (let at = texts.currentNode.parentElement; at; at = at.parentElement) behind.unshift(getComputedStyle(at).backgroundColor);
    const [a, b] = [rgb(behind), rgb([...behind, getComputedStyle(texts.currentNode.parentElement).color])].map(luminance);
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < lowest.contrast) lowest = { contrast, text };
  }
  return lowest;
})()`;

function pagesIn(chromiumAt: string): void {
  let service: TestService;
  let chromium: Chromium;
  let origin: string;
  beforeAll(async () => {
    [service, chromium] = await Promise.all([startService(), Chromium.launch(chromiumAt)]);
    origin = service.client.origin;
  });
  afterAll(() => Promise.all([service.close(), chromium.close()]));

  /** Records a call that contains everything that the page can show. */
  async function record(): Promise<string> {
    const sessionId = await createSession(service.client, {
      sessionId: `call-${'x'.repeat(90)}-${Date.now()}`,
      metadata: {
        caller: '+44',
        note: 'long'.repeat(60),
        nested: { list: upTo(60) },
        ['key-'.repeat(30)]: 1,
      },
    });
    const say = (number: number, type: string, payload: object) => ({ eventId: `e${number}`, type, payload });
    await appendAll(service.client, sessionId, [
      say(1, 'bot_speech', { text: 'Hello! How can I help you today?' }),
      say(2, 'user_speech', { text: 'w'.repeat(300), confidence: 0.9 }),
      say(3, 'system', { lookup: 'customer', rows: upTo(80) }),
      say(4, 'system', { text: 'Call transferred' }),
    ]);
    await service.client.complete(sessionId);
    await appendAll(service.client, sessionId, [say(5, 'user_speech', { text: 'One more thing' })]);
    return sessionId;
  }

  describe.each([
    ['light', 1200],
    ['dark', 1200],
    ['light', 360],
    ['dark', 360],
  ] as const)('the transcript, %s, %d pixels wide', (scheme, width) => {
    it('fits the screen, is readable, and needs nothing from elsewhere', async () => {
      const url = origin + pathOf(await record());
      const tab = await chromium.newTab();
      await tab.look({ width, scheme });
      await tab.goto(url);

      expect(tab.complaints).toEqual([]);
      expect(tab.requested).toEqual([url]);
      const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      expect(await tab.evaluate(overflow)).toBe(0);
      const widthOf = (selector: string) =>
        tab.evaluate<number>(`document.querySelector('${selector}').offsetWidth`);
      expect(await widthOf('.metadata dd')).toBeGreaterThan((await widthOf('.metadata')) / 2);
      const { contrast, text } = await tab.evaluate<{ contrast: number; text: string }>(LOWEST_CONTRAST);
      expect([text, contrast >= 4.5]).toEqual([text, true]);
      const paper = await tab.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      expect(/\d+/.exec(paper)?.[0]).toMatch(scheme === 'light' ? /^2\d\d$/ : /^\d\d$/);
    });
  });

  it('shows the caller on one side and the bot on the other, also without scripts', async () => {
    const tab = await chromium.newTab();
    await tab.look({ width: 1000, scripts: false });
    await tab.goto(`${origin}${pathOf(await record())}?limit=3`);
    const left = (selector: string) =>
      tab.evaluate<number>(`document.querySelector('${selector} .say').getBoundingClientRect().left`);

    expect(await left('.user_speech')).toBeLessThan(await left('.bot_speech'));
    expect(await tab.evaluate(`document.querySelector('details').open`)).toBe(true);
    expect(await tab.evaluate(`document.querySelector('details pre').innerText`)).toContain('"rows": [');

    await tab.follow('[rel=next]');
    expect(await tab.evaluate('document.body.innerText')).toMatch(
      /Call transferred[^]*late[^]*One more thing/,
    );
    await tab.follow('[rel=prev]');
    expect(await tab.evaluate('document.body.innerText')).toContain('How can I help you');
  });

  it('shows hostile values as text, and executes none of them', async () => {
    const attack = (number: number) =>
      `</p></style><script>alert(${number})</script><img src=x onerror="alert(${number})"><svg onload=alert(${number})>"' onfocus=alert(${number}) autofocus x="<style>body{display:none}</style>`;
    const sessionId = await createSession(service.client, {
      sessionId: `<script>alert(1)</script>"'&`,
      metadata: { [attack(2)]: attack(3) },
    });
    await appendAll(service.client, sessionId, [
      { eventId: `"onmouseover="alert(4)`, type: 'user_speech', payload: { text: attack(5) } },
      { eventId: 'e2', type: 'system', payload: { [attack(6)]: attack(7), href: 'javascript:alert(8)' } },
    ]);
    const tab = await chromium.newTab();
    await tab.look({ width: 1000 });
    await tab.goto(origin + pathOf(sessionId));

    expect(tab.complaints).toEqual([]);
    expect(await tab.evaluate('document.title')).toBe(`${sessionId} · conversation`);
    expect(await tab.evaluate(`document.querySelector('.say p').textContent`)).toBe(attack(5));
    expect(await tab.evaluate(`document.querySelector('.metadata dd').textContent`)).toBe(attack(3));
    expect(
      await tab.evaluate(
        `document.querySelectorAll('body script, img, svg, iframe, [onload], [onfocus], [onmouseover], a[href^=javascript]').length`,
      ),
    ).toBe(0);
    expect(await tab.evaluate(`document.querySelectorAll('style').length`)).toBe(1);
  });

  describe.each([
    ['light', 1400],
    ['dark', 400],
  ] as const)('a running session, %s, %d pixels wide', (scheme, width) => {
    it('can be followed: new events appear, and the end', async () => {
      const sessionId = await createSession(service.client);
      const tab = await chromium.newTab();
      await tab.look({ width, scheme });
      await tab.goto(`${origin}${pathOf(sessionId)}?limit=2`);
      const say = (number: number) => anEvent({ payload: { text: `Sentence ${number} <b>` } });
      const said = `[...document.querySelectorAll('.say p')].map((said) => said.textContent).join()`;
      const sentences = (count: number) => upTo(count).map((number) => `Sentence ${number} <b>`);
      await tab.until(`document.querySelector('#live').checkVisibility()`);
      await appendAll(service.client, sessionId, [say(1)]);
      await tab.until(`${said} === ${JSON.stringify(sentences(1).join())}`);
      await service.client.appendBatch(sessionId, [say(2), say(3), say(4)]);
      await tab.until(`${said} === ${JSON.stringify(sentences(4).join())}`);
      const { contrast } = await tab.evaluate<{ contrast: number }>(LOWEST_CONTRAST);
      await service.client.complete(sessionId);
      await tab.until(`document.querySelector('.end')`);

      expect(contrast).toBeGreaterThanOrEqual(4.5);
      expect(await tab.evaluate(`document.querySelector('ol > :last-child').className`)).toBe('end');
      expect(await tab.evaluate(`document.querySelectorAll('.day').length`)).toBe(1);
      expect(await tab.evaluate(`document.querySelector('.head .badge').textContent`)).toBe('completed');
      expect(await tab.evaluate(`document.querySelector('#events').textContent`)).toBe('4');
      expect(await tab.evaluate(`document.querySelector('#live').checkVisibility()`)).toBe(false);
      expect(tab.complaints).toEqual([]);
    });
  });

  it('shows that a followed session has been deleted', async () => {
    const sessionId = await createSessionWith(service.client, 2);
    const tab = await chromium.newTab();
    await tab.goto(origin + pathOf(sessionId));
    await tab.until(`document.querySelector('#live').checkVisibility()`);
    const loaded = tab.nextLoad();
    await service.client.delete(sessionId);
    await loaded;

    expect(await tab.evaluate('document.body.innerText')).toMatch(/deleted/i);
  });

  it('is the same page without scripts while a session runs', async () => {
    const sessionId = await createSessionWith(service.client, 2);
    const tab = await chromium.newTab();
    await tab.look({ width: 1000, scripts: false });
    await tab.goto(origin + pathOf(sessionId));

    expect(await tab.evaluate(`document.querySelectorAll('.event').length`)).toBe(2);
    expect(await tab.evaluate(`document.querySelector('#live').checkVisibility()`)).toBe(false);
    expect(tab.requested).toHaveLength(1);
  });

  it('shows an unknown session and the home page as pages too', async () => {
    const tab = await chromium.newTab();
    await tab.goto(`${origin}/sessions/none`);
    expect(await tab.evaluate('document.body.innerText')).toContain('There is no session "none"');

    await tab.follow('a[href="/"]');
    expect(await tab.evaluate('document.querySelector("h1").textContent')).toBe(
      'Conversation Session Service',
    );
  });

  it('shows the API documentation without the internet, as wide as a phone, with which the API can be tried out', async () => {
    const tab = await chromium.newTab();
    await tab.look({ width: 400 });
    await tab.goto(`${origin}/docs`);
    const operations = `document.querySelectorAll('.opblock').length`;
    await tab.until(`${operations} >= 8`);
    await tab.evaluate(`document.querySelector('#operations-operations-live button').click()`);
    const execute = `document.querySelector('#operations-operations-live .execute')`;
    await tab.until(execute);
    await tab.evaluate(`${execute}.click()`);
    const answered = `document.querySelector('#operations-operations-live .live-responses-table')?.innerText ?? ''`;
    await tab.until(`(${answered}).includes('200')`);

    expect(await tab.evaluate('innerWidth')).toBeLessThan(500); // without a viewport declaration it would be 980
    expect(tab.complaints).toEqual([]);
    expect(tab.requested.filter((url) => !url.startsWith(origin) && !url.startsWith('data:'))).toEqual([]);
  });
}

if (executable === undefined) {
  console.log('pages.spec.ts is skipped: there is no Chromium here (CHROMIUM may say where)');
}
(executable === undefined ? describe.skip : describe)('in a browser', () => {
  pagesIn(executable ?? '');
});
