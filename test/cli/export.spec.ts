import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anEvent, createSession, createSessionWith, newId } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { runCommand } from './command.js';

let service: TestService;
let directory: string;
beforeAll(async () => {
  service = await startService();
  directory = mkdtempSync(join(tmpdir(), 'css-export-'));
});
afterAll(async () => {
  await service.close();
  rmSync(directory, { recursive: true, force: true });
});

const exportTo = (file: string, ...more: string[]) =>
  runCommand('export', '--url', service.client.origin, '--to', join(directory, file), ...more);

const contentOf = (file: string) => readFileSync(join(directory, file), 'utf8');

function idsIn(text: string): string[] {
  return [...text.matchAll(/^\{"sessionId":"([^"]+)","status"/gm)].map(([, id = '']) => id);
}

describe('npm run export', () => {
  it('writes all sessions as their exports are, and of those that match filters', async () => {
    const ids = [
      await createSession(service.client, { startedAt: '2026-01-01T00:00:00Z', metadata: { queue: 'a' } }),
      await createSession(service.client, { startedAt: '2026-01-02T00:00:00Z', metadata: { queue: 'b' } }),
      await createSession(service.client, { startedAt: '2026-01-03T00:00:00Z', metadata: { queue: 'a' } }),
      await createSessionWith(service.client, 1200),
    ];
    await service.client.append(ids[1] ?? '', anEvent({ payload: { text: '\u2028\u0085' } }));
    await service.client.complete(ids[1] ?? '');
    const deleted = await createSession(service.client);
    await service.client.delete(deleted);

    const all = await exportTo('all.ndjson');
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(all.stdout).toContain('4 sessions with 1,201 events written to ');
    const exports = await Promise.all(ids.map(async (id) => (await service.client.export(id)).text));
    const linesOf = (text: string) =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown);
    expect(linesOf(contentOf('all.ndjson'))).toEqual(linesOf(exports.join('')));
    expect(contentOf('all.ndjson')).not.toMatch(/[\u0085\u2028\u2029]/);

    await exportTo('a.ndjson', '--metadata', 'queue=a', '--from', '2026-01-02');
    expect(idsIn(contentOf('a.ndjson'))).toEqual([ids[2]]);
    await exportTo('old.ndjson', '--to-date', '2026-01-02T00:00:00.001Z');
    expect(idsIn(contentOf('old.ndjson'))).toEqual([ids[0], ids[1]]);
    expect(readdirSync(directory).sort()).toEqual(['a.ndjson', 'all.ndjson', 'old.ndjson']);
  });

  it('is what an import takes, wherever', async () => {
    const target = await startService();
    try {
      await exportTo('moved.ndjson');
      const file = join(directory, 'moved.ndjson');
      expect(await runCommand('import', '--url', target.client.origin, file)).toMatchObject({ code: 0 });
      const back = await runCommand(
        'export',
        '--url',
        target.client.origin,
        '--to',
        join(directory, 'back.ndjson'),
      );
      expect(back.code).toBe(0);
      const withoutArrivals = (text: string) =>
        text.replaceAll(/"(receivedAt|lastEventAt)":"[^"]+"/g, '"$1":""');
      expect(withoutArrivals(contentOf('back.ndjson'))).toBe(withoutArrivals(contentOf('moved.ndjson')));
    } finally {
      await target.close();
    }
  });

  it('overwrites nothing', async () => {
    writeFileSync(join(directory, 'mine'), 'mine');
    const { code, stderr } = await exportTo('mine');
    expect({ code, stderr }).toEqual({ code: 1, stderr: `${join(directory, 'mine')} exists already.\n` });
    expect(contentOf('mine')).toBe('mine');
  });

  it.concurrent.each([
    [[], '--to is missing', 64],
    [['--url', 'localhost:3000', '--to', 'x'], 'There is no service at localhost:3000 (fetch failed)', 1],
    [['--to', 'x', '--metadata', 'queue'], '--metadata must be a key and a value', 64],
    [['--to', '/nowhere/x'], "no such file or directory, open '/nowhere/x.part'", 1],
    [['--to', 'x', '--metadata', 'colour=red'], 'metadata.colour', 1],
  ])('says what is wrong with %j', async (args, reason, exitCode) => {
    const { code, stderr } = await runCommand('export', '--url', service.client.origin, ...args);
    expect(stderr).toContain(reason);
    expect(code).toBe(exitCode);
  });

  it('breaks no file off where the service is not there', async () => {
    const file = join(directory, newId());
    expect((await runCommand('export', '--url', 'http://127.0.0.1:1', '--to', file)).code).toBe(1);
    expect(readdirSync(directory).filter((name) => file.endsWith(name))).toEqual([]);
  });
});
