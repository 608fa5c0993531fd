import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anEvent, createSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { runCommand } from './command.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const endIdle = (...more: string[]) => runCommand('end-idle', '--url', service.client.origin, ...more);

const stateOf = async (sessionId: string) => (await service.client.read(sessionId)).body;

describe('npm run end-idle', () => {
  it('ends what had nothing added for some time, at the time of what was last, after it has counted it', async () => {
    const startedAt = '2026-01-01T00:00:00.000Z';
    const silent = await createSession(service.client, { startedAt });
    const abandoned = await createSession(service.client, { startedAt });
    await service.client.append(abandoned, anEvent());
    const { receivedAt } = (await stateOf(abandoned)).events[0] ?? {};
    const events = service.connection.collection('events');
    const storedAt = new Date(Date.parse(receivedAt ?? '') - 2 * 3_600_000); // as if it had been stored two hours ago
    await events.updateOne({ sessionId: abandoned }, { $set: { receivedAt: storedAt } });
    const busy = await createSession(service.client, { startedAt });
    await service.client.append(busy, anEvent());

    const dry = await endIdle('--idle-for', '1h', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toMatch(/^2 sessions idle since /);
    expect(await stateOf(abandoned)).toMatchObject({ status: 'active' });

    const real = await endIdle('--idle-for', '60m', '--status', 'failed');
    expect(real).toMatchObject({ code: 0, stderr: '' });
    expect(real.stdout).toMatch(/\n2 have ended as failed\n$/);
    expect(await stateOf(silent)).toMatchObject({ status: 'failed', endedAt: startedAt });
    expect(await stateOf(abandoned)).toMatchObject({ status: 'failed', endedAt: storedAt.toISOString() });
    expect(await stateOf(busy)).toMatchObject({ status: 'active' });
    expect((await endIdle('--idle-for', '1h')).stdout).toMatch(/^0 sessions/);
  });

  it.concurrent.each([[['--idle-for', '24'], '--idle-for must be a time such as 30m, 24h or 7d, not "24"']])(
    'says what is wrong with %j',
    async (args, reason) => {
      const { code, stderr } = await endIdle(...args);
      expect(stderr).toContain(reason);
      expect(code).toBe(64);
    },
  );
});
