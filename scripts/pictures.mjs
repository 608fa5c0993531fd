/**
 * Makes README's pictures of the pages: the list with the demo's call and ten other sessions, and that call. The clock of
 * the browser is fixed, so that they show the same whenever they are made: npm run build && node scripts/pictures.mjs
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { allowTypeScript } from '../test/support/typescript/register.mjs';

allowTypeScript();
process.chdir(new URL('..', import.meta.url).pathname);
const { findChromium, launch } = await import('../test/browser/browser.js');
const { startProcess } = await import('../test/support/processes.js');

const NOW = Date.parse('2026-03-02T09:16:00Z');
/** Minutes ago, seconds that it took, how it ended (undefined: it runs), language, caller, queue, events. */
const OTHERS = [
  [1, 0, undefined, 'de-DE', '+49 30 23125 019', 'support', 14],
  [4, 0, undefined, 'en-GB', '+44 20 7946 0871', 'sales', 37],
  [9, 187, 'completed', 'fr-FR', '+33 1 99 00 12 34', 'billing', 41],
  [21, 12, 'failed', 'en-GB', '+44 20 7946 0312', 'support', 3],
  [38, 402, 'completed', 'ar', '+971 2 555 0143', 'support', 88],
  [55, 96, 'completed', 'en-GB', '+442079460018', 'support', 24],
  [74, 251, 'completed', 'es-ES', '+34 910 001 234', 'sales', 52],
  [733, 64, 'failed', 'en-GB', '+442079460018', 'billing', 17],
  [760, 318, 'completed', 'pt-BR', '+55 11 5550 0199', 'support', 63],
  [802, 143, 'completed', 'en-GB', '+44 20 7946 0555', 'sales', 29],
];

const directory = mkdtempSync(`${tmpdir()}/pictures-`);
const service = await startProcess({ DATA_DIR: directory, METADATA_FILTER_KEYS: 'caller,queue' });
const { client } = service;
const browser = await launch(findChromium());
try {
  await service.wrote('Connected to the store');
  execFileSync('node', ['dist/cli/import.js', '--url', client.origin, 'demo/call.ndjson']);
  await client.send({ method: 'DELETE', path: '/sessions/call-48213/events/evt-13' });
  for (const [minutes, seconds, status, language, caller, queue, count] of OTHERS) {
    const start = NOW - minutes * 60_000;
    const sessionId = `call-${48_213 - minutes}`;
    await client.create({ sessionId, language, startedAt: start, metadata: { caller, queue } });
    const event = { type: 'system', timestamp: start, payload: {} };
    await client.appendBatch(
      sessionId,
      Array.from({ length: count }, (_, n) => ({ ...event, eventId: `${n}` })),
    );
    if (status) await client.complete(sessionId, { status, endedAt: start + seconds * 1000 });
  }
  const page = await browser.newPage({ viewport: { width: 900, height: 1005 }, timezoneId: 'Europe/London' });
  await page.clock.setFixedTime(NOW);
  for (const [name, path] of Object.entries({ list: '/', conversation: '/sessions/call-48213' })) {
    await page.goto(client.origin + path);
    await page.locator('.list a, .turn').first().waitFor();
    await page.screenshot({ path: `docs/images/${name}.png` });
  }
} finally {
  await browser.close();
  await service.stop();
  rmSync(directory, { recursive: true });
}
