// How long `npm run import` takes, beside the same events one a request.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { inParallel } from './load.mjs';
import { event, session } from './requests.mjs';
import { PROGRAM, Target } from './target.mjs';

const EVENTS = 20;
const START = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;

/** As many as the importer has. */
const CONNECTIONS = 32;

/** One connection is so slow that it gets a part of the sessions. */
const PART_OF_ONE = 0.1;

/** Imports sessions into a new service, and writes them one event a request into others. */
export async function importing(sessions) {
  const rows = [
    await measure('`npm run import`', sessions, importAll),
    await measure('one event a request, one connection', sessions * PART_OF_ONE, (target, count) =>
      writeSingly(target, count, 1),
    ),
    await measure(`one event a request, ${CONNECTIONS} connections`, sessions, (target, count) =>
      writeSingly(target, count, CONNECTIONS),
    ),
  ];
  return { sessions, events: EVENTS, rows };
}

async function measure(way, sessions, write) {
  const target = await Target.start('service', PROGRAM);
  try {
    const cpuBefore = target.cpuSeconds();
    const seconds = await write(target, sessions);
    const cpuMillisPerSession = ((target.cpuSeconds() - cpuBefore) / sessions) * 1000;
    console.log(`${way}: ${sessions} sessions in ${seconds.toFixed(1)} s`);
    return { way, sessions, seconds, cpuMillisPerSession };
  } finally {
    await target.stop();
  }
}

/** The session of a number as it was lived, and its end. */
function recorded(number) {
  const startedAt = START + number * MINUTE;
  const at = (ms) => new Date(startedAt + ms).toISOString();
  return {
    created: { ...session(`call-${number}`), startedAt: at(0) },
    events: Array.from({ length: EVENTS }, (_, index) => event(`e-${index + 1}`, at(index * 1000))),
    end: { status: 'completed', endedAt: at(MINUTE) },
  };
}

function* exportsOf(sessions) {
  for (let number = 0; number < sessions; number++) {
    const { created, events, end } = recorded(number);
    const { sessionId } = created;
    const lines = [
      { ...created, ...end, finalSequence: EVENTS },
      ...events.map((each, index) => ({ ...each, sessionId, sequence: index + 1 })),
      { end: true, events: EVENTS },
    ];
    yield lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  }
}

async function importAll(target, sessions) {
  const directory = mkdtempSync(join(tmpdir(), 'bench-import-'));
  try {
    const file = join(directory, 'calls.ndjson');
    await pipeline(Readable.from(exportsOf(sessions)), createWriteStream(file));
    const start = performance.now();
    const command = spawn('npm', ['run', '--silent', 'import', '--', '--url', target.url, file], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = await once(command, 'exit');
    if (code !== 0) throw new Error(`npm run import ended with ${code}`);
    return (performance.now() - start) / 1000;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Seconds that single requests take; by the client that the importer has, for `fetch` would slow them down. */
async function writeSingly(target, sessions, connections) {
  const dispatcher = new Agent({ connections });
  const send = async (path, sent) => {
    const { statusCode, body } = await request(target.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(sent),
      dispatcher,
    });
    const answer = await body.text();
    if (statusCode >= 300) throw new Error(`POST ${path}: ${statusCode} ${answer}`);
  };
  const start = performance.now();
  await inParallel(Array(sessions).keys(), connections, async (number) => {
    const { created, events, end } = recorded(number);
    const path = `/sessions/${created.sessionId}`;
    await send('/sessions', created);
    for (const each of events) await send(`${path}/events`, each);
    await send(`${path}/complete`, end);
  });
  const seconds = (performance.now() - start) / 1000;
  await dispatcher.close();
  return seconds;
}
