import { type ConversationClient, ServiceError } from '../../clients/typescript/src/index.js';
import * as cli from './command.js';

const AT_ONCE = 10;
const NOT_FOUND = 404;

await cli.runCommand({
  usage: `Usage: npm run purge -- [--before DATE] [--idle-since DATE] [--metadata KEY=VALUE] [--dry-run | --yes] [--url ADDRESS]

Deletes sessions with all their events, for ever, after it has counted them and asked. At least one of these:
  --before      those that ended before a date such as 2026-01-01 (midnight, UTC), or a time (2026-01-01T00:00:00+01:00)
  --idle-since  those that have not ended, but to which nothing was added since then
  --metadata    only those with this value, of a key that the service can filter by; alone, whether they have ended or not
And
  --dry-run     counts them, and deletes nothing
  --yes         does not ask
  --url         the service (http://localhost:3000)`,
  options: {
    before: { type: 'string' },
    'idle-since': { type: 'string' },
    metadata: cli.METADATA_OPTION,
    'dry-run': { type: 'boolean' },
    yes: { type: 'boolean' },
    url: cli.URL_OPTION,
  },
  whenStopped: 'What is deleted is deleted; run the same command again for the rest.',
  async run({ before, 'idle-since': idleSince, metadata: pairs, 'dry-run': isDryRun, yes, url }) {
    const endedBefore = before === undefined ? undefined : cli.timeFrom('before', before);
    const idleBefore = idleSince === undefined ? undefined : cli.timeFrom('idle-since', idleSince);
    const metadata = cli.metadataFrom(pairs);
    if (!endedBefore && !idleBefore && pairs.length === 0) {
      throw new cli.UsageError('Which sessions? Name --before, --idle-since or --metadata.');
    }
    const client = await cli.connect(url);
    const ids: string[] = [];
    for await (const { sessionId } of found(client, endedBefore, idleBefore, metadata)) ids.push(sessionId);

    const many = cli.count(ids.length, 'session');
    if (isDryRun) console.log(`${many} would be deleted; nothing was done`);
    else if (yes || ids.length === 0 || (await cli.confirm(`Delete ${many} at ${url} for ever?`))) {
      const done = cli.showProgress('Deleting', ids.length);
      await cli.inParallel(ids, AT_ONCE, async (id) => {
        await erase(client, id);
        done();
      });
      console.log(`${many} are deleted`);
    } else console.log('Nothing was deleted');
  },
});

type Found = AsyncGenerator<{ readonly sessionId: string }>;
type Metadata = Record<string, string>;

async function* found(client: ConversationClient, ended?: Date, idle?: Date, metadata: Metadata = {}): Found {
  if (ended) yield* endedSessions(client, ended, metadata);
  if (idle) yield* cli.idleSessions(client, idle, metadata);
  if (!ended && !idle) yield* cli.sessionsOf(client, { metadata });
}

/** No session ends before it began. */
async function* endedSessions(client: ConversationClient, before: Date, metadata: Metadata): Found {
  const query = { status: 'completed,failed', to: before.toISOString(), metadata };
  for await (const session of cli.sessionsOf(client, query)) {
    if (session.endedAt !== null && new Date(session.endedAt) < before) yield session;
  }
}

/** Deletes a session, unless it is not there. */
async function erase(client: ConversationClient, sessionId: string): Promise<void> {
  try {
    await client.delete(sessionId);
  } catch (error) {
    if (!(error instanceof ServiceError && error.status === NOT_FOUND)) throw error;
  }
}
