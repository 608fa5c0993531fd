import { existsSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { type ConversationClient, ServiceError } from '../../clients/typescript/src/index.js';
import * as cli from './command.js';

/** How often a session is begun whose export breaks off. */
const MAX_TRIES = 5;

/** Characters that are written to the file at once. */
const WRITE_LENGTH = 1024 * 1024;

await cli.runCommand({
  usage: `Usage: npm run export -- --to FILE [filters] [--url ADDRESS]

Writes all sessions, or those that match all filters, with their events to a new file, as lines of JSON, which
"npm run import" takes. Each is as it is at one moment.
  --to        the file to make
  --status    initiated, active, completed or failed
  --from      those that started at a time or later: 2026-01-01 (midnight, UTC), or 2026-01-01T00:00:00+01:00
  --to-date   those that started before a time
  --metadata  those with KEY=VALUE, of a key that the service can filter by; may be repeated
  --url       the service (http://localhost:3000)`,
  options: {
    to: { type: 'string' },
    status: { type: 'string' },
    from: { type: 'string' },
    'to-date': { type: 'string' },
    metadata: cli.METADATA_OPTION,
    url: cli.URL_OPTION,
  },
  whenStopped: 'The file was not made.',
  async run({ to, status, from, 'to-date': toDate, metadata, url }) {
    if (to === undefined) throw new cli.UsageError('--to is missing: the file to make.');
    const filters = {
      ...(status !== undefined && { status }),
      ...(from !== undefined && { from: cli.timeFrom('from', from).toISOString() }),
      ...(toDate !== undefined && { to: cli.timeFrom('to-date', toDate).toISOString() }),
      metadata: cli.metadataFrom(metadata),
    };
    if (existsSync(to)) throw new cli.CommandError(`${to} exists already.`);
    const client = await cli.connect(url);
    const ids: string[] = [];
    for await (const { sessionId } of cli.sessionsOf(client, filters)) ids.push(sessionId);

    const unfinished = `${to}.part`;
    const file = await open(unfinished, 'w');
    const { sessions, events } = await writeAll(client, ids, file);
    await file.sync();
    await file.close();
    await rename(unfinished, to);
    console.log(`${cli.count(sessions, 'session')} with ${cli.count(events, 'event')} written to ${to}`);
  },
});

async function writeAll(client: ConversationClient, ids: readonly string[], file: FileHandle) {
  const written = { sessions: 0, events: 0 };
  const done = cli.showProgress('Exporting sessions', ids.length);
  let position = 0;
  for (const id of ids) {
    const session = await writeSession(client, id, file, position);
    if (session) {
      position = session.end;
      written.sessions++;
      written.events += session.events;
    }
    done();
  }
  await file.truncate(position); // the last session may have been deleted while it was written
  return written;
}

/** Writes a session from a position of the file on, again where it breaks off. @returns undefined if it is deleted. */
async function writeSession(client: ConversationClient, id: string, file: FileHandle, start: number) {
  for (let tries = 1; ; tries++) {
    try {
      let [end, lines, text] = [start, 0, ''];
      for await (const record of client.export(id)) {
        text += lineOf(record);
        lines++;
        if (text.length < WRITE_LENGTH) continue;
        end += (await file.write(text, end)).bytesWritten;
        text = '';
      }
      const events = lines - 1;
      text += lineOf({ end: true, events });
      end += (await file.write(text, end)).bytesWritten;
      return { end, events };
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
