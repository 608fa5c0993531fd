import { createWriteStream, existsSync } from 'node:fs';
import { rename, truncate, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type ConversationClient, ServiceError } from '../../clients/typescript/src/index.js';
import * as cli from './command.js';

/** How often a session is begun whose export breaks off. */
const MAX_TRIES = 5;

await cli.runCommand({
  usage: `Usage: npm run export -- --to FILE [filters] [--url ADDRESS]

Writes all sessions, or those that match all filters, with their events to a new file, as lines of JSON, which
"npm run import" takes. Each is as it is at one moment.
  --to        the file to make
  --from      those that started at a time or later: 2026-01-01 (midnight, UTC), or 2026-01-01T00:00:00+01:00
  --to-date   those that started before a time
  --metadata  those with KEY=VALUE, of a key that the service can filter by; may be repeated
  --url       the service (http://localhost:3000)`,
  options: {
    to: { type: 'string' },
    from: { type: 'string' },
    'to-date': { type: 'string' },
    metadata: cli.METADATA_OPTION,
    url: cli.URL_OPTION,
  },
  async run({ to, from, 'to-date': toDate, metadata, url }) {
    if (to === undefined) throw new cli.UsageError('--to is missing: the file to make.');
    const filters = {
      ...(from !== undefined && { from }),
      ...(toDate !== undefined && { to: toDate }),
      metadata: cli.metadataFrom(metadata),
    };
    if (existsSync(to)) throw new cli.CommandError(`${to} exists already.`);
    const client = await cli.connect(url);
    const ids: string[] = [];
    for await (const { sessionId } of cli.sessionsOf(client, filters)) ids.push(sessionId);

    const unfinished = `${to}.part`;
    await writeFile(unfinished, '');
    const done = cli.showProgress('Exporting sessions', ids.length);
    let [sessions, events, end] = [0, 0, 0];
    for (const id of ids) {
      const written = await writeSession(client, id, unfinished, end);
      if (written) {
        sessions++;
        events += written.events;
        end += written.bytes;
      }
      done();
    }
    await truncate(unfinished, end); // the last session may have been deleted while it was written
    await rename(unfinished, to);
    console.log(`${cli.count(sessions, 'session')} with ${cli.count(events, 'event')} written to ${to}`);
  },
});

/** Writes a session from a position of a file on, again where it breaks off. @returns undefined if it is deleted. */
async function writeSession(client: ConversationClient, id: string, path: string, start: number) {
  for (let tries = 1; ; tries++) {
    try {
      const file = createWriteStream(path, { flags: 'r+', start, flush: true });
      let events = -1; // the session is the first line
      await pipeline(async function* () {
        for await (const record of client.export(id)) {
          yield lineOf(record);
          events++;
        }
        yield lineOf({ end: true, events });
      }, file);
      return { events, bytes: file.bytesWritten };
    } catch (error) {
      const status = error instanceof ServiceError ? error.status : undefined;
      if (status === 404 || status === 410) return undefined;
      if (status !== undefined || tries === MAX_TRIES) throw error;
    }
  }
}

/** JSON as the service writes it: some programs take these characters for the end of a line. */
function lineOf(record: object): string {
  const escape = (found: string) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(record).replaceAll(/[\u0085\u2028\u2029]/g, escape)}\n`;
}
