import { setTimeout as sleep } from 'node:timers/promises';
import { parseQueryTime } from '../common/validation/times.js';
import { readCommandLine } from '../command-line/options.js';
import { CommandError, runProgram, stopOnSignal, UsageError } from '../command-line/program.js';
import { format, Progress } from '../command-line/progress.js';
import { pathOf, RefusedError, SessionApi } from './api.js';

const USAGE = `Usage: npm run purge -- --ended-before DATE [--dry-run] [--to ADDRESS]

Deletes the sessions that ended before a date, for ever, by DELETE /sessions/:sessionId. One that has not ended is never
deleted. It can be stopped and run again at any time.
  --ended-before  2026-01-01 (midnight, UTC), or a time such as 2026-01-01T00:00:00+01:00
  --dry-run       counts them, and deletes nothing
  --to            the service to ask (http://localhost:3000)`;

/** Deletions a second, at most, and at once: a service keeps an eye on each for half a minute. */
const PER_SECOND = 100;
const AT_ONCE = 10;

const PAGE = 100;
const NOT_FOUND = 404;

interface ListedSession {
  readonly sessionId: string;
  readonly endedAt: string | null;
}

interface ListBody {
  readonly sessions: readonly ListedSession[];
  readonly pagination: { readonly nextCursor: string | null };
}

await runProgram(USAGE, async () => {
  const { options, flags } = readCommandLine({ values: ['ended-before', 'to'], flags: ['dry-run'] });
  const endedBefore = dateFrom(options['ended-before']);
  const api = new SessionApi(options.to ?? 'http://localhost:3000');
  stopOnSignal('What is deleted is deleted; run the same command again for the rest.');
  await api.expectThere();
  const until = endedBefore.toISOString();
  console.log(`Sessions at ${api.name} that ended before ${until}`);

  let found = 0;
  for await (const page of candidates(api, endedBefore)) found += page.length;
  if (flags.has('dry-run')) {
    console.log(`${format(found)} would be deleted; nothing was done`);
    return;
  }
  const progress = new Progress('Deleting', found);
  let deleted = 0;
  for await (const page of candidates(api, endedBefore)) {
    for (let start = 0; start < page.length; start += AT_ONCE) {
      const some = page.slice(start, start + AT_ONCE);
      // No sooner than this, however fast the service is.
      const [answers] = await Promise.all([
        Promise.all(some.map((sessionId) => erase(api, sessionId))),
        sleep((1000 / PER_SECOND) * some.length),
      ]);
      deleted += answers.filter(Boolean).length;
      progress.add(some.length);
    }
  }
  progress.end();
  console.log(`${format(deleted)} deleted; their events leave the store within seconds`);
});

function dateFrom(text: string | undefined): Date {
  if (text === undefined) throw new UsageError('--ended-before is missing: a date such as 2026-01-01.');
  const date = parseQueryTime(text);
  if (date) return date;
  throw new UsageError(
    `--ended-before must be a date such as 2026-01-01, or a time such as 2026-01-01T00:00:00Z, not "${text}".`,
  );
}

/**
 * The ids of the sessions that ended before a time, page by page, oldest first. No session ends before it began, so these are
 * among those that have ended and began before it: a range of an index. Of these, only what began before and ended after
 * is looked at in vain.
 */
async function* candidates(api: SessionApi, endedBefore: Date): AsyncGenerator<string[]> {
  const query = new URLSearchParams({ to: endedBefore.toISOString(), order: 'asc', limit: String(PAGE) });
  query.set('status', 'completed,failed');
  for (let more = true; more;) {
    const { body } = await api.send<ListBody>('GET', `sessions?${query.toString()}`);
    yield body.sessions
      .filter(({ endedAt }) => endedAt !== null && Date.parse(endedAt) < endedBefore.getTime())
      .map(({ sessionId }) => sessionId);
    const { nextCursor } = body.pagination;
    more = nextCursor !== null;
    query.set('cursor', nextCursor ?? '');
  }
}

/** Deletes a session. @returns false where it was not there. */
async function erase(api: SessionApi, sessionId: string): Promise<boolean> {
  try {
    await api.send('DELETE', pathOf(sessionId));
    return true;
  } catch (error) {
    if (error instanceof RefusedError && error.status === NOT_FOUND) return false;
    throw error instanceof RefusedError ? new CommandError(error.message) : error;
  }
}
