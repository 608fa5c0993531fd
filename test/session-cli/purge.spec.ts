import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSession, newId, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { runCommand, startCommand } from '../store/support/command.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const purge = (...more: string[]) => runCommand('purge', '--to', service.client.origin, ...more);

/** A session that began and ended so. @returns its id. */
async function sessionOf(startedAt: string, endedAt?: string, status = 'completed'): Promise<string> {
  const sessionId = await createSession(service.client, { sessionId: newId(), startedAt });
  if (endedAt !== undefined) await service.client.complete(sessionId, { status, endedAt });
  return sessionId;
}

const statusOf = async (sessionId: string) => (await service.client.read(sessionId)).status;

describe('npm run purge', () => {
  it('deletes what ended before a date, and nothing else', async () => {
    const old = [
      await sessionOf('2001-01-01T00:00:00Z', '2001-12-31T23:59:59.999Z'),
      await sessionOf('2001-01-02T00:00:00Z', '2001-01-02T00:00:00Z', 'failed'),
    ];
    const kept = [
      await sessionOf('2001-01-01T00:00:00Z', '2002-01-01T00:00:00Z'), // ended at the date itself
      await sessionOf('2001-12-31T23:59:00Z', '2002-01-01T00:01:00Z'),
      await sessionOf('2001-01-01T00:00:00Z'), // has not ended
      await sessionOf('2003-01-01T00:00:00Z', '2003-01-01T01:00:00Z'),
    ];

    const dry = await purge('--ended-before', '2002-01-01', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toContain('that ended before 2002-01-01T00:00:00.000Z\n2 would be deleted');
    expect(await Promise.all([...old, ...kept].map(statusOf))).toEqual(Array(6).fill(200));

    const real = await purge('--ended-before', '2002-01-01T01:00:00+01:00');
    expect(real).toMatchObject({ code: 0, stderr: '' });
    expect(real.stdout).toContain('2 deleted');
    expect(await Promise.all(old.map(statusOf))).toEqual([410, 410]);
    expect(await Promise.all(kept.map(statusOf))).toEqual([200, 200, 200, 200]);

    const again = await purge('--ended-before', '2002-01-01');
    expect(again.stdout).toContain('\n0 deleted');
    const { text } = await service.client.send({ path: '/metrics' });
    expect(text).toMatch(/^conversation_sessions_deleted_total 2$/m);
  });

  it('can be stopped, and run again for the rest', async () => {
    const ids = await Promise.all(
      upTo(150).map(() => sessionOf('1999-01-01T00:00:00Z', '1999-01-02T00:00:00Z')),
    );
    const running = startCommand('purge', '--to', service.client.origin, '--ended-before', '2000-01-01');
    await running.wrote(/Deleting: /);
    running.signal('SIGTERM');
    expect((await running.ended).stderr).toContain('SIGTERM: stopped. What is deleted is deleted');

    expect((await purge('--ended-before', '2000-01-01')).code).toBe(0);

    const statuses = new Set(await Promise.all(ids.map(statusOf)));
    expect([...statuses]).toEqual([410]);
  });

  it.each([
    [[], '--ended-before is missing'],
    [['--ended-before', 'yesterday'], '--ended-before must be a date'],
    [['--ended-before', '2026-02-30'], '--ended-before must be a date'],
    [['--ended-before', '2026-01-01T00:00:00'], '--ended-before must be a date'],
    [['--ended-before', '2026-01-01', 'now'], "Unexpected argument 'now'"],
  ])('says what is wrong with %j', async (args, reason) => {
    const { code, stderr } = await purge(...args);
    expect(stderr).toContain(reason);
    expect(code).toBe(64);
  });
});
