import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anEvent, createSession, newId, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';
import { exportsIn } from '../../src/cli/import-file.js';
import { runCommand, startCommand } from './command.js';

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
  runCommand('import', '--url', service.client.origin, ...more);

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
    .map((line) => ({
      ...(JSON.parse(line) as object),
      receivedAt: undefined,
      lastEventAt: undefined,
      redactedAt: /"redactedAt":"/.test(line),
    }));
}

/** The same session over and over, under other ids. */
function copiesOf(text: string, sessionId: string, count: number): string[] {
  return upTo(count).map(() => text.replaceAll(sessionId, newId()));
}

/** The id of the session whose JSON a text begins with. */
function idIn(text: string): string {
  return /^\{"sessionId":"([^"]+)"/.exec(text)?.[1] ?? '';
}

async function expectImported(exports: readonly string[]): Promise<void> {
  const imported = await Promise.all(exports.map((text) => exportOf(target, idIn(text))));
  expect(imported.map(contentOf)).toEqual(exports.map(contentOf));
}

/** A session that has all that one can have: events out of order of time, an end in the past, late events. */
async function richSession(events = 250): Promise<string> {
  const sessionId = await createSession(source.client, {
    startedAt: '2025-03-01T12:00:00.123Z',
    metadata: {
      queue: 'ü',
      'a.b': { $set: [null, {}] },
      '': [-0.5, 1e21, 2 ** 53 - 1],
      constructor: '\u2028',
    },
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

describe('npm run import', () => {
  it('makes of an export the session that it was, and run again changes nothing', async () => {
    const sessionId = await richSession();
    await source.client.send({ method: 'DELETE', path: `/sessions/${sessionId}/events/e%2F7` }); // redacted
    const text = await exportOf(source, sessionId);
    expect(text).toMatch(/"redactedAt":"/);
    const file = fileWith(`\ufeff${text}`);

    const first = await importTo(target, file);
    const imported = await exportOf(target, sessionId);
    const second = await importTo(target, file);

    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('sessions: 1 created, 0 were there\nevents: 250 stored, 0 were there');
    expect(contentOf(imported)).toEqual(contentOf(text));
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toContain('sessions: 0 created, 1 were there\nevents: 0 stored, 250 were there');
    expect(await exportOf(target, sessionId)).toBe(imported);
  });

  it('takes several sessions of several files, whatever their status, and one of them twice', async () => {
    const ids = [
      await createSession(source.client),
      await createSession(source.client, { status: 'active' }),
      await createSession(source.client),
      await createSession(source.client),
    ];
    await source.client.append(ids[2] ?? '', anEvent());
    const before = await exportOf(source, ids[2] ?? '');
    await source.client.append(ids[2] ?? '', anEvent());
    await source.client.complete(ids[3] ?? '');
    await source.client.append(ids[3] ?? '', anEvent()); // after an end without events
    const exports = await Promise.all(ids.map((id) => exportOf(source, id)));

    const { code, stdout } = await importTo(
      target,
      fileWith([before, ...exports.slice(0, 3)].join('')),
      fileWith(exports[3]?.replaceAll('\n', '\r\n\r\n') ?? ''),
    );

    expect(code).toBe(0);
    expect(stdout).toContain('sessions: 4 created, 1 were there\nevents: 3 stored, 1 were there');
    await expectImported(exports);
  });

  it('goes on where it was killed', async () => {
    const [small, long] = [await richSession(20), await richSession(600)];
    const exports = [
      ...copiesOf(await exportOf(source, small), small, 15),
      await exportOf(source, long),
      ...copiesOf(await exportOf(source, small), small, 15),
    ];
    const file = fileWith(exports.join(''));
    const running = startCommand('import', '--url', target.client.origin, file);
    await until(async () => (await target.client.read(long)).status === 200, 30_000);
    running.signal('SIGKILL');
    await running.ended;

    expect(await importTo(target, file)).toMatchObject({ code: 0, stderr: '' });

    await expectImported(exports);
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
    await target.client.complete(sessionId);
    await target.client.create({ sessionId: other, language: 'fr' });
    await target.client.create({ sessionId: deleted, language: 'en-GB' });
    await target.client.delete(deleted);
    const texts = await Promise.all([sessionId, other, deleted].map((id) => exportOf(source, id)));
    const file = fileWith(texts.join(''));

    const { code, stdout, stderr } = await importTo(target, file);

    expect(code).toBe(1);
    expect(stdout).toContain('\nmismatches: 5\n');
    expect(stderr.trimEnd().split('\n')).toHaveLength(6);
    for (const line of [
      `${file}, line 1: session "${sessionId}" is there already with other metadata, which stay`,
      `${file}, line 2: event "e/1" is there already with other content, which stays`,
      `${file}, line 1: session "${sessionId}" has ended otherwise there: completed, `,
      `${file}, line 8: session "${other}" is there already as another one; nothing of it was imported`,
      `${file}, line 13: session "${deleted}" was deleted there, and stays so`,
      'What was there already was left as it is.',
    ])
      expect(stderr).toContain(line);
    expect((await target.client.read(sessionId)).body).toMatchObject({ metadata: { queue: 'mine' } });
    expect((await target.client.read(other)).body).toMatchObject({ language: 'fr', events: [] });
  });

  it('names the line of what the service refuses, and begins nothing else', async () => {
    const sessionId = await richSession(4);
    const copies = copiesOf(await exportOf(source, sessionId), sessionId, 120);
    copies[10] =
      copies[10]?.replace('"type":"user_speech","payload":{"n":3}', '"type":"song","payload":{"n":3}') ?? '';
    const file = fileWith(copies.join(''));

    const { code, stderr } = await importTo(target, file);

    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringContaining(`${file}, line ${10 * 6 + 4}: type must be one of`),
      'When that is mended, run the same command again: it goes on where it stopped.',
    ]);
    expect((await target.client.read(idIn(copies.at(-1) ?? ''))).status).toBe(404);
  });
});

describe('a file of exports is refused with its line', () => {
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
  const withText = (json: string) => JSON.stringify(event).replace('"Hello"', json);

  it.each<[string, unknown[], number, string]>([
    ['a cut file', [session, event], 2, 'is the last line, but not an end: the export was cut'],
    ['a miscounted one', [session, event, { ...end, events: 2 }], 3, 'does not count 1 events'],
    [
      'an end after more events',
      [{ ...session, finalSequence: 2 }, event, end],
      3,
      'does not count 1 events',
    ],
    ['a gap', [session, { ...event, sequence: 2 }, end], 2, 'should be event 1 of session "s"'],
    [
      'an event of another',
      [session, { ...event, sessionId: 't' }, end],
      2,
      'should be event 1 of session "s"',
    ],
    ['events without a session', [event, end], 1, 'should be a session, with sessionId, language'],
    ['what is no object', [[1], end], 1, 'should be a session'],
    ['a number out of range', [session, withText('1e999')], 2, '/payload/text is a number out of range'],
  ])('%s', async (_, lines, line, reason) => {
    const file = fileWith(
      lines.map((each) => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`).join(''),
    );

    const reading = async () => {
      for await (const found of exportsIn(file, () => undefined)) expect(found).toBeDefined();
    };
    await expect(reading()).rejects.toThrow(`${file}, line ${line}: ${reason}`);
  });
});

describe('npm run import refuses', () => {
  it('a fault in any of its files before anything is sent', async () => {
    const good = await exportOf(source, await createSession(source.client));
    const bad = fileWith('{"sessionId":"cut');

    const { code, stdout, stderr } = await importTo(target, fileWith(good), bad);

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+, line 1: is not JSON: [^\n]+\n$/);
    expect((await target.client.read(idIn(good))).status).toBe(404);
  });

  it('what is no UTF-8', async () => {
    const file = fileWith(Buffer.from([0x7b, 0xff, 0x7d]));
    const { code, stderr } = await importTo(target, file);
    expect(stderr).toContain(`${file}: The encoded data was not valid`);
    expect(code).toBe(1);
  });

  it('an address where nothing is', async () => {
    const { code, stderr } = await runCommand('import', '--url', 'http://127.0.0.1:1', fileWith(''));
    expect(stderr).toMatch(/^There is no service at http:\/\/127\.0\.0\.1:1 \(.+\)\. Start it/);
    expect(code).toBe(1);
  });
});

const samples = fileURLToPath(new URL('../../clients/typescript/test/samples/', import.meta.url));

describe('npm run import --from', () => {
  it('takes one object a line, and an id and offsets from the start that it is told', async () => {
    const vcon = JSON.parse(readFileSync(`${samples}conversation.vcon.json`, 'utf8')) as object;
    const lines = upTo(3).map(() => `${JSON.stringify({ ...vcon, uuid: newId() })}\n`);
    const { stdout } = await importTo(target, '--from', 'vcon', fileWith(lines.join('')));
    expect(stdout).toContain('sessions: 3 created, 0 were there\nevents: 6 stored');

    const sessionId = newId();
    const more = ['--session', sessionId, '--started-at', '2026-01-01T10:00:00Z'];
    await importTo(target, '--from', 'contact-lens', ...more, `${samples}contact-lens-segments.json`);
    expect((await target.client.read(sessionId)).body).toMatchObject({
      startedAt: '2026-01-01T10:00:00.000Z',
      eventCount: 2,
    });
  });

  it('refuses a report with a fault before anything is sent, and leaves that out where it is told to', async () => {
    const report = readFileSync(`${samples}vapi-end-of-call-report.json`, 'utf8');
    const { message } = JSON.parse(report) as VapiReport;
    message.call.id = newId();
    Object.assign(message.artifact.messages[1] ?? {}, { time: 'soon' });
    Object.assign(message.artifact.messages[2] ?? {}, {
      deep: JSON.parse('['.repeat(50) + ']'.repeat(50)) as unknown,
    });
    const file = fileWith(JSON.stringify({ message }));

    const refused = await importTo(target, '--from', 'vapi', file);
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`${file}: artifact.messages[1].time `);
    expect((await target.client.read(message.call.id)).status).toBe(404);

    const { code, stdout, stderr } = await importTo(target, '--from', 'vapi', '--lenient', file);
    expect(code).toBe(0);
    expect(stdout).toContain('sessions: 1 created, 0 were there\nevents: 4 stored, 0 were there');
    expect(stderr).toContain(`Left out: ${file}: artifact.messages[1].time `);
    expect(stderr).toContain(
      `Left out: ${file}: event turn-0003: /payload/deep${'/0'.repeat(19)} is nested too deep`,
    );
  });

  it.concurrent.each([
    [['--from', 'livekit', `${samples}livekit-history.json`], 'has no id for the session: give one', 1],
    [['--from', 'zoom', 'x'], '--from must be one of vapi, retell, ', 64],
    [['--lenient', 'x'], 'An export is taken as it is', 64],
    [[], 'There is no file to import.', 64],
    [['/nowhere/x.ndjson'], "no such file or directory, stat '/nowhere/x.ndjson'", 1],
  ])('refuses %j', async (args, reason, exitCode) => {
    const { code, stdout, stderr } = await importTo(target, ...args);
    expect(stderr).toContain(reason);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
  });
});

interface VapiReport {
  readonly message: { readonly call: { id: string }; readonly artifact: { readonly messages: object[] } };
}
