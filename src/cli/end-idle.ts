import { connect, count, idleSessions, inParallel, runCommand, showProgress, UsageError } from './command.js';
import { URL_OPTION } from './command.js';

const AT_ONCE = 10;

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

await runCommand({
  usage: `Usage: npm run end-idle -- --idle-for TIME [--status STATUS] [--dry-run] [--url ADDRESS]

Ends the sessions to which nothing was added for some time, each at the time of its last event.
  --idle-for  30m, 24h or 7d
  --status    completed or failed (completed)
  --dry-run   counts them, and ends nothing
  --url       the service (http://localhost:3000)`,
  options: {
    'idle-for': { type: 'string' },
    status: { type: 'string', default: 'completed' },
    'dry-run': { type: 'boolean' },
    url: URL_OPTION,
  },
  whenStopped: 'What has ended has ended; run the same command again for the rest.',
  async run({ 'idle-for': idleFor, status, 'dry-run': isDryRun, url }) {
    if (status !== 'completed' && status !== 'failed') {
      throw new UsageError(`--status must be completed or failed, not "${status}".`);
    }
    const since = new Date(new Date().getTime() - millisecondsFrom(idleFor));
    const client = await connect(url);
    const ends = new Map<string, Date>();
    for await (const { sessionId, lastAt } of idleSessions(client, since)) ends.set(sessionId, lastAt);
    console.log(`${count(ends.size, 'session')} idle since ${since.toISOString()}`);
    if (isDryRun) return;
    const done = showProgress('Ending', ends.size);
    await inParallel(ends, AT_ONCE, async ([sessionId, endedAt]) => {
      await client.complete(sessionId, { status, endedAt });
      done();
    });
    console.log(`${count(ends.size)} have ended as ${status}`);
  },
});

function millisecondsFrom(text = ''): number {
  const [, number, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (number !== undefined) return Number(number) * UNITS[unit as keyof typeof UNITS];
  throw new UsageError(`--idle-for must be a time such as 30m, 24h or 7d, not "${text}".`);
}
