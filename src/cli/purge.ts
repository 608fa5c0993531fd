import { parseQueryTime } from '../common/validation/times.js';
import * as cli from './command.js';

await cli.runCommand({
  usage: `Usage: npm run purge -- [--before DATE] [--metadata KEY=VALUE] [--dry-run | --yes] [--url ADDRESS]

Deletes sessions with all their events, for ever, after it has counted them and asked. At least one of these:
  --before    those that ended before a date such as 2026-01-01 (midnight, UTC), or a time (2026-01-01T00:00:00+01:00)
  --metadata  only those with this value, of a key that the service can filter by; alone, whether they have ended or not
And
  --dry-run   counts them, and deletes nothing
  --yes       does not ask
  --url       the service (http://localhost:3000)`,
  options: {
    before: { type: 'string' },
    metadata: cli.METADATA_OPTION,
    'dry-run': { type: 'boolean' },
    yes: { type: 'boolean' },
    url: cli.URL_OPTION,
  },
  async run({ before, metadata: pairs, 'dry-run': isDryRun, yes, url }) {
    const end = before === undefined ? undefined : timeFrom(before);
    const metadata = cli.metadataFrom(pairs);
    if (!end && pairs.length === 0) {
      throw new cli.UsageError('Which sessions? Name --before or --metadata.');
    }
    const client = await cli.connect(url);
    const ids: string[] = [];
    // No session ends before it began.
    const ended = end && { status: 'completed,failed', to: end.toISOString() };
    for await (const { sessionId, endedAt } of cli.sessionsOf(client, { ...ended, metadata })) {
      if (!end || new Date(endedAt ?? end) < end) ids.push(sessionId);
    }

    const many = cli.count(ids.length, 'session');
    if (isDryRun) console.log(`${many} would be deleted; nothing was done`);
    else if (yes || ids.length === 0 || (await cli.confirm(`Delete ${many} at ${url} for ever?`))) {
      const done = cli.showProgress('Deleting', ids.length);
      await cli.inParallel(ids, async (id) => {
        await client.delete(id);
        done();
      });
      console.log(`${many} are deleted`);
    } else console.log('Nothing was deleted');
  },
});

/** A time that is given as a date (midnight, UTC) or by RFC 3339. @throws UsageError */
function timeFrom(text: string): Date {
  const time = parseQueryTime(text);
  if (time) return time;
  throw new cli.UsageError(
    `--before must be a date such as 2026-01-01, or a time such as 2026-01-01T00:00:00Z, not "${text}".`,
  );
}
