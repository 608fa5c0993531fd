import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anEvent, createSession, newId, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';
import { runCommand, startCommand } from './command.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const purge = (...more: string[]) => runCommand('purge', '--url', service.client.origin, ...more);

/** A session that began and ended so. @returns its id. */
async function sessionOf(startedAt: string, endedAt?: string, more: object = {}): Promise<string> {
  const sessionId = await createSession(service.client, { sessionId: newId(), startedAt, ...more });
  if (endedAt !== undefined) await service.client.complete(sessionId, { endedAt });
  return sessionId;
}

const statusOf = async (sessionId: string) => (await service.client.read(sessionId)).status;

describe('npm run purge', () => {
  it('deletes what ended before a date, after it has counted it, and nothing else', async () => {
    const old = [
      await sessionOf('2001-01-01T00:00:00Z', '2001-12-31T23:59:59.999Z'),
      await sessionOf('2001-01-02T00:00:00Z', '2001-01-02T00:00:00Z'),
    ];
    const kept = [
      await sessionOf('2001-01-01T00:00:00Z', '2002-01-01T00:00:00Z'), // ended at the date itself
      await sessionOf('2001-12-31T23:59:00Z', '2002-01-01T00:01:00Z'),
      await sessionOf('2001-01-01T00:00:00Z'), // has not ended
      await sessionOf('2003-01-01T00:00:00Z', '2003-01-01T01:00:00Z'),
    ];

    const dry = await purge('--before', '2002-01-01', '--dry-run');
    expect(dry).toMatchObject({
      code: 0,
      stderr: '',
      stdout: '2 sessions would be deleted; nothing was done\n',
    });
    const unasked = await purge('--before', '2002-01-01');
    expect(unasked.code).toBe(64);
    expect(unasked.stderr).toContain('Delete 2 sessions at http://127.0.0.1:');
    expect(await Promise.all([...old, ...kept].map(statusOf))).toEqual(Array(6).fill(200));

    const real = await purge('--before', '2002-01-01T01:00:00+01:00', '--yes');
    expect(real).toMatchObject({ code: 0, stderr: '', stdout: '2 sessions are deleted\n' });
    expect(await Promise.all(old.map(statusOf))).toEqual([410, 410]);
    expect(await Promise.all(kept.map(statusOf))).toEqual([200, 200, 200, 200]);
    expect((await purge('--before', '2002-01-01')).stdout).toBe('0 sessions are deleted\n');
  });

  it('deletes by metadata, whether they have ended or not', async () => {
    const metadata = { queue: 'of=one' };
    const old = await sessionOf('2010-01-01T00:00:00Z', '2010-01-02T00:00:00Z', { metadata });
    const live = await sessionOf('2010-01-01T00:00:00Z', undefined, { metadata });
    const other = await sessionOf('2010-01-01T00:00:00Z', '2010-01-02T00:00:00Z');

    expect((await purge('--before', '2011-01-01', '--metadata', 'queue=of=one', '--yes')).code).toBe(0);
    expect(await Promise.all([old, live, other].map(statusOf))).toEqual([410, 200, 200]);
    expect((await purge('--metadata', 'queue=of=one', '--yes')).code).toBe(0);
    expect(await Promise.all([live, other].map(statusOf))).toEqual([410, 200]);
  });

  it('can be stopped, and run again for the rest', async () => {
    const ids = await Promise.all(
      upTo(60).map(() => sessionOf('1999-01-01T00:00:00Z', '1999-01-02T00:00:00Z')),
    );
    await Promise.all(ids.map((id) => service.client.append(id, anEvent())));
    const events = service.connection.collection('events');
    const withContent = { sessionId: { $in: ids }, payload: { $exists: true } };
    expect(await events.find(withContent).toArray()).toHaveLength(60);
    const running = startCommand('purge', '--url', service.client.origin, '--before', '2000-01-01', '--yes');
    await until(async () => (await statusOf(ids[0] ?? '')) === 410, 30_000);
    running.signal('SIGTERM');
    await running.ended;

    expect((await purge('--before', '2000-01-01', '--yes')).code).toBe(0);
    expect(await events.find(withContent).toArray()).toEqual([]); // however fast it goes

    const statuses = new Set(await Promise.all(ids.map(statusOf)));
    expect([...statuses]).toEqual([410]);
  });

  it.concurrent.each([
    [[], 'Which sessions? Name --before or --metadata.'],
    [['--before', 'yesterday'], '--before must be a date'],
    [['--before', '2026-01-01T00:00:00'], '--before must be a date'],
    [['--before', '2026-01-01', 'now'], "Unexpected argument 'now'"],
  ])('says what is wrong with %j', async (args, reason) => {
    const { code, stderr } = await purge(...args);
    expect(stderr).toContain(reason);
    expect(code).toBe(64);
  });
});
