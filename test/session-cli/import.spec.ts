import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { config } from '../../src/config/config.js';
import { jsonObjectText } from '../support/arbitrary-json.js';
import { anEvent, createSession, newId, upTo } from '../support/samples.js';
import { until } from '../support/until.js';
import { startService, type TestService } from '../support/service.js';
import { runCommand, startCommand } from '../store/support/command.js';
import { idIn, oneAtATime, proxyTo, unreliable } from './support/proxy.js';

let source: TestService;
let target: TestService;
let directory: string;
beforeAll(async () => {
  [source, target] = await Promise.all([startService(), startService()]);
  directory = mkdtempSync(join(tmpdir(), 'css-import-'));
});
afterAll(async () => {
  await Promise.all([source.close(), target.close()]);
  rmSync(directory, { recursive: true, force: true });
});

let files = 0;

function fileWith(text: string | Buffer): string {
  const file = join(directory, `${++files}.ndjson`);
  writeFileSync(file, text);
  return file;
}

const importTo = (service: TestService, ...more: string[]) =>
  runCommand('import', '--to', service.client.origin, ...more);

async function exportOf(service: TestService, sessionId: string): Promise<string> {
  const { status, text } = await service.client.export(sessionId);
  expect(status).toBe(200);
  return text;
}

/** All of an export but what is a server's own. */
function contentOf(text: string): unknown[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => ({ ...(JSON.parse(line) as object), receivedAt: undefined }));
}

/** The same session over and over, under other ids. */
function copiesOf(text: string, sessionId: string, count: number): string[] {
  return upTo(count).map(() => text.replaceAll(sessionId, newId()));
}

async function expectImported(exports: readonly string[]): Promise<void> {
  const imported = await Promise.all(exports.map((text) => exportOf(target, idIn(text))));
  expect(imported.map(contentOf)).toEqual(exports.map(contentOf));
}

/** A session that has all that one can have: events out of order of time, an end in the past, late events. */
async function richSession(events = 250): Promise<string> {
  const sessionId = await createSession(source.client, {
    startedAt: '2025-03-01T12:00:00.123Z',
    metadata: { queue: 'ü', 'a.b': { $set: [null, {}] } },
  });
  const all = upTo(events).map((n) =>
    anEvent({ eventId: `e/${n}`, payload: { n }, timestamp: new Date(1.75e12 - n).toISOString() }),
  );
  const late = all.splice(-Math.ceil(events / 5));
  for (let start = 0; start < all.length; start += 100)
    await source.client.appendBatch(sessionId, all.slice(start, start + 100));
  await source.client.complete(sessionId, { status: 'failed', endedAt: '2025-03-01T12:30:00.456Z' });
  await source.client.appendBatch(sessionId, late);
  return sessionId;
}

/** The export of a session with these metadata and payloads, as far as the service takes them. */
async function exportWith([metadata = '{}', ...payloads]: string[]): Promise<string> {
  const sessionId = newId();
  const created = await source.client.postText(
    '/sessions',
    `{"sessionId":"${sessionId}","language":"en","metadata":${metadata}}`,
  );
  if (created.status !== 201) await createSession(source.client, { sessionId }); // it was refused
  for (const [index, payload] of payloads.entries()) {
    const event = `{"eventId":"${index}","type":"system","payload":${payload}}`;
    await source.client.postText(`/sessions/${sessionId}/events`, event);
  }
  return exportOf(source, sessionId);
}

describe('npm run import', () => {
  it('makes of an export the session that it was, and run again changes nothing', async () => {
    const sessionId = await richSession();
    const text = await exportOf(source, sessionId);
    const file = fileWith(text);

    const first = await importTo(target, file);
    const imported = await exportOf(target, sessionId);
    const second = await importTo(target, file);

    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('Found 1 sessions with 250 events');
    expect(first.stdout).toContain('sessions: 1 created, 0 were there\nevents: 250 stored, 0 were there');
    expect(contentOf(imported)).toEqual(contentOf(text));
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toContain('sessions: 0 created, 1 were there\nevents: 0 stored, 250 were there');
    expect(await exportOf(target, sessionId)).toBe(imported);
  });

  it('takes several sessions of several files, whatever their status', async () => {
    const ids = [
      await createSession(source.client),
      await createSession(source.client, { status: 'active' }),
      await createSession(source.client),
      await createSession(source.client),
    ];
    await source.client.append(ids[2] ?? '', anEvent());
    await source.client.complete(ids[3] ?? '');
    const exports = await Promise.all(ids.map((id) => exportOf(source, id)));

    const { code, stdout } = await importTo(
      target,
      fileWith(exports.slice(0, 3).join('')),
      fileWith(exports[3]?.replaceAll('\n', '\r\n\r\n') ?? ''),
    );

    expect(code).toBe(0);
    expect(stdout).toContain('sessions: 4 created, 0 were there\nevents: 1 stored, 0 were there');
    const imported = await Promise.all(ids.map((id) => exportOf(target, id)));
    expect(imported.map(contentOf)).toEqual(exports.map(contentOf));
  });

  it('brings any payload and metadata over as they were', async () => {
    const metadataAndPayloads = fc.array(jsonObjectText, { minLength: 2, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.array(metadataAndPayloads, { minLength: 10, maxLength: 10 }), async (sessions) => {
        const exports = await Promise.all(sessions.map(exportWith));

        const { code, stderr } = await importTo(target, fileWith(exports.join('')));

        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        await expectImported(exports);
      }),
      { numRuns: 1 }, // ten sessions, by one process
    );
  }, 120_000);

  it('goes on where it was killed', async () => {
    const [small, long] = [await richSession(20), await richSession(1500)];
    const exports = [
      ...copiesOf(await exportOf(source, small), small, 30),
      await exportOf(source, long),
      ...copiesOf(await exportOf(source, small), small, 30),
    ];
    const file = fileWith(exports.join(''));
    const running = startCommand('import', '--to', target.client.origin, file);
    await until(async () => (await target.client.read(long)).status === 200, 30_000);
    running.signal('SIGKILL');
    await running.ended;

    expect(await importTo(target, file)).toMatchObject({ code: 0, stderr: '' });

    await expectImported(exports);
  });

  it('writes several sessions at once, and of each one request at a time', async () => {
    const [small, long] = [await richSession(20), await richSession(500)];
    const exports = copiesOf(await exportOf(source, small), small, 30);
    exports.splice(10, 0, await exportOf(source, long));
    const { server, origin, mostAtOnce } = await oneAtATime(target.client.origin);
    try {
      const { code, stdout, stderr } = await runCommand('import', '--to', origin, fileWith(exports.join('')));

      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('sessions: 31 created, 0 were there\nevents: 1,100 stored, 0 were there');
      expect(mostAtOnce()).toBeGreaterThan(1);
      await expectImported(exports);
    } finally {
      server.close();
    }
  });

  it('takes two exports of one session one after the other', async () => {
    const sessionId = await createSession(source.client);
    const events = upTo(8).map((n) => anEvent({ eventId: `e${n}` }));
    await source.client.appendBatch(sessionId, events.slice(0, 5));
    const first = await exportOf(source, sessionId);
    await source.client.appendBatch(sessionId, events.slice(5));
    await source.client.complete(sessionId);
    const second = await exportOf(source, sessionId);

    const { server, origin } = await oneAtATime(target.client.origin);
    try {
      const files = [fileWith(first), fileWith(second)];
      const { code, stdout, stderr } = await runCommand('import', '--to', origin, ...files);

      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('sessions: 1 created, 1 were there\nevents: 8 stored, 5 were there');
      await expectImported([second]);
    } finally {
      server.close();
    }
  });

  it('is patient with a service that is overloaded, away, or breaks off', async () => {
    const sessionId = await richSession(20);
    const text = await exportOf(source, sessionId);
    const { server, origin } = await unreliable(target.client.origin);
    try {
      const { code, stderr } = await runCommand('import', '--to', origin, fileWith(text));

      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(contentOf(await exportOf(target, sessionId))).toEqual(contentOf(text));
    } finally {
      server.close();
    }
  }, 60_000);

  it('halves what a service is set not to take', async () => {
    const small = await startService({ limits: { ...config.limits, batchBodyBytes: 2000 } });
    try {
      const sessionId = await richSession(50);
      const text = await exportOf(source, sessionId);

      expect(await importTo(small, fileWith(text))).toMatchObject({ code: 0, stderr: '' });

      expect(contentOf(await exportOf(small, sessionId))).toEqual(contentOf(text));
    } finally {
      await small.close();
    }
  });

  it('leaves what is there as it is, tells what differs, and does not mix conversations', async () => {
    const [sessionId, other, deleted] = [await richSession(5), await richSession(3), await richSession(2)];
    await target.client.create({
      sessionId,
      language: 'en-GB',
      startedAt: '2025-03-01T12:00:00.123Z',
      metadata: { queue: 'mine' },
    });
    await target.client.append(sessionId, anEvent({ eventId: 'e/1', payload: { mine: true } }));
    await target.client.append(sessionId, anEvent({ eventId: 'mine' }));
    await target.client.create({ sessionId: other, language: 'fr' });
    await target.client.create({ sessionId: deleted, language: 'en-GB' });
    await target.client.delete(deleted);
    const texts = [
      await exportOf(source, sessionId),
      await exportOf(source, other),
      await exportOf(source, deleted),
    ];
    const file = fileWith(texts.join(''));

    const { code, stderr } = await importTo(target, file);

    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      `${file}, line 1: session "${sessionId}" is there already with other metadata, which stay`,
      `${file}, line 2: event "e/1" is there already with other content, which stays`,
      `${file}, line 3: event 2 is number 3 there, behind others`,
      `${file}, line 1: session "${sessionId}" has ended otherwise there: failed, 2025-03-01T12:30:00.456Z, after event 5`,
      expect.stringContaining(`${file}, line 8: session "${other}" is there already as another one, of `),
      `${file}, line 13: session "${deleted}" was deleted there, and stays so`,
      'What was there already was left as it is.',
    ]);
    expect((await target.client.read(sessionId)).body).toMatchObject({ metadata: { queue: 'mine' } });
    expect((await target.client.read(other)).body).toMatchObject({ language: 'fr', events: [] });
  });
});

describe('npm run import refuses, before anything is sent,', () => {
  const session = {
    sessionId: 's',
    status: 'active',
    language: 'en',
    startedAt: '2026-03-01T12:00:00.000Z',
    endedAt: null,
    finalSequence: null,
    metadata: {},
  };
  const event = { ...anEvent({ eventId: 'e1' }), sessionId: 's', sequence: 1, timestamp: session.startedAt };
  const end = { end: true, events: 1 };

  it.each<[string, unknown[], number, string]>([
    [
      'a cut file',
      [session, event],
      2,
      'is the last one, and not the end of session "s": the export was cut',
    ],
    ['one that is cut in a line', [session, event, '{"end":'], 3, 'is not JSON'],
    [
      'a miscounted one',
      [session, event, { ...end, events: 2 }],
      3,
      'counts 2 events, but 1 stand before it',
    ],
    ['a gap', [session, { ...event, sequence: 2 }, end], 2, 'has the sequence 2, where 1 should follow'],
    [
      'an event of another',
      [session, { ...event, sessionId: 't' }, end],
      2,
      'is not an event of session "s"',
    ],
    ['events without a session', [event, end], 1, 'should be a session, but has no status'],
    [
      'half an end',
      [{ ...session, endedAt: session.startedAt }, end],
      1,
      'should be a session, whose endedAt',
    ],
    ['what is no object', [[1]], 1, 'is not a JSON object'],
    ['what is no UTF-8', [Buffer.from([0x7b, 0xff, 0x7d])], 1, 'is not UTF-8'],
    [
      'a number that would be altered',
      [session, JSON.stringify(event).replace('"Hello"', '12345678901234567890'), end],
      2,
      '/payload/text ',
    ],
  ])('%s', async (_, lines, line, reason) => {
    const parts = lines.flatMap((part) =>
      Buffer.isBuffer(part) || typeof part === 'string' ? [part, '\n'] : [JSON.stringify(part), '\n'],
    );
    const good = fileWith(await exportOf(source, await createSession(source.client, { sessionId: newId() })));
    const bad = fileWith(Buffer.concat(parts.map((part) => Buffer.from(part))));

    const { code, stdout, stderr } = await importTo(target, good, bad);

    expect(code).toBe(1);
    expect(stderr).toContain(`${bad}, line ${line}: ${reason}`.replace(': is the last', ' is the last'));
    expect(stdout).toBe('');
  });

  it.each([
    [[], 'There is no file to import.', 64],
    [['--to', 'localhost:3000', 'x'], '--to must be the address of a service', 64],
    [['--form', 'x'], "Unknown option '--form'", 64],
    [['/nowhere/x.ndjson'], "/nowhere/x.ndjson can't be read", 1],
    [['/'], "/ can't be read", 1],
  ])('%j', async (args, reason, exitCode) => {
    const { code, stderr } = await runCommand('import', ...args);
    expect(stderr).toContain(reason);
    expect(code).toBe(exitCode);
  });

  it('an address that leads to another one', async () => {
    const { server, origin } = await proxyTo(target.client.origin, ({ response }) => {
      response.writeHead(308, { Location: 'https://elsewhere.example/sessions' }).end();
    });
    const file = fileWith(await exportOf(source, await createSession(source.client)));

    const { code, stderr } = await runCommand('import', '--to', origin, file);

    server.close();
    expect(stderr).toContain('POST /sessions: 308 is at https://elsewhere.example/sessions\n');
    expect(code).toBe(1);
  });

  it('an address where nothing is', async () => {
    const { code, stderr } = await runCommand('import', '--to', 'http://127.0.0.1:1', fileWith(''));
    expect(stderr).toMatch(/^There is no service at http:\/\/127\.0\.0\.1:1 \(.+\)\. Start it/);
    expect(code).toBe(1);
  });
});

describe('npm run import, where the service refuses a line,', () => {
  it('names its file and line, the first of several, and begins nothing else', async () => {
    const sessionId = await richSession(4);
    const text = await exportOf(source, sessionId);
    const copies = copiesOf(text, sessionId, 120);
    const bad = [10, 12].map((index) => {
      const copy = copies[index] ?? '';
      copies[index] = copy.replace(
        '"type":"user_speech","payload":{"n":3}',
        '"type":"song","payload":{"n":3}',
      );
      return idIn(copy);
    });
    let refuseFirst: () => void = () => undefined;
    const secondRefused = new Promise<void>((resolve) => (refuseFirst = resolve));
    const { server, origin } = await proxyTo(target.client.origin, async (met) => {
      const passed = await met.pass();
      if (passed.status === 400 && met.sessionId === bad[0]) await secondRefused;
      met.answer(passed);
      if (passed.status === 400 && met.sessionId === bad[1]) refuseFirst();
    });
    const file = fileWith(copies.join(''));
    try {
      const { code, stderr } = await runCommand('import', '--to', origin, file);

      expect(code).toBe(1);
      expect(stderr.trimEnd().split('\n')).toEqual([
        expect.stringContaining(`${file}, line ${10 * 6 + 4}: type must be one of`),
        'When that is mended, run the same command again: it goes on where it stopped.',
      ]);
      await expectImported(copies.slice(0, 10));
      expect((await target.client.read(idIn(copies.at(-1) ?? ''))).status).toBe(404);
    } finally {
      server.close();
    }
  });
});
