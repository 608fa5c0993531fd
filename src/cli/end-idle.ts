import type * as api from '../../clients/typescript/src/index.js';
import * as cli from './command.js';

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

await cli.runCommand({
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
    url: cli.URL_OPTION,
  },
  async run({ 'idle-for': idleFor, status, 'dry-run': isDryRun, url }) {
    const since = new Date(new Date().getTime() - millisecondsFrom(idleFor));
    const client = await cli.connect(url);
    const ends = new Map<string, Date>();
    const open = { status: 'initiated,active', to: since.toISOString(), include: 'activity' } as const;
    for await (const { sessionId, startedAt, lastEventAt } of cli.sessionsOf(client, open)) {
      // The clock of the client that began it may be ahead of the one of the service.
      const lastAt = new Date((lastEventAt ?? '') > startedAt ? (lastEventAt ?? '') : startedAt);
      if (lastAt < since) ends.set(sessionId, lastAt);
    }
    console.log(`${cli.count(ends.size, 'session')} idle since ${since.toISOString()}`);
    if (isDryRun) return;
    const done = cli.showProgress('Ending', ends.size);
    await cli.inParallel(ends, async ([sessionId, endedAt]) => {
      await client.complete(sessionId, { status: status as api.EndStatus, endedAt });
      done();
    });
    console.log(`${cli.count(ends.size)} have ended as ${status}`);
  },
});

function millisecondsFrom(text = ''): number {
  const [, number, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (number !== undefined) return Number(number) * UNITS[unit as keyof typeof UNITS];
  throw new cli.UsageError(`--idle-for must be a time such as 30m, 24h or 7d, not "${text}".`);
}
