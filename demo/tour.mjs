// A tour of the service: starts it, plays a recorded call, breaks what can be broken, and checks every answer.
// Usage: ./demo.sh, or `node demo/tour.mjs [--fast] [--keep]` after a build.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { durationMs, eventsFrom } from './call.mjs';
import { CheckFailed } from './check.mjs';
import { Client } from './http.mjs';
import { screensOf } from './screens.mjs';
import { freePort, Service, ServiceError } from './service.mjs';
import { crashing } from './steps/crashing.mjs';
import { creating } from './steps/creating.mjs';
import { ending } from './steps/ending.mjs';
import { following } from './steps/following.mjs';
import { deleting, listing, patching } from './steps/managing.mjs';
import { reading } from './steps/reading.mjs';
import { recording } from './steps/recording.mjs';
import { refusing } from './steps/refusing.mjs';
import { findStore } from './store.mjs';
import { bold, dim, fields, green, isTerminal, line, red, title } from './terminal.mjs';

const STEPS = [
  ...creating,
  ...recording,
  ...reading,
  ...following,
  ...listing,
  ...ending,
  ...patching,
  ...crashing,
  ...deleting,
  ...refusing,
];
const PREFERRED_PORT = 3000;

/** The pause between two events while the user watches. */
const PACE_MS = 1200;
const FAST_PACE_MS = 50;

const { values: options } = parseArgs({ options: { fast: { type: 'boolean' }, keep: { type: 'boolean' } } });
const startedAt = performance.now();
const directory = mkdtempSync(join(tmpdir(), 'conversation-demo-'));
let service;
let store;
let step = 'Starting the service';

// The last resort when this process ends for any reason: leave nothing behind.
process.on('exit', () => {
  service?.killNow();
  rmSync(directory, { recursive: true, force: true });
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    line();
    line(dim(`${signal}: stopping the service and removing what the tour made.`));
    void leave(finished ? 0 : 128 + constants.signals[signal]);
  });
}

let leaving = false;
let finished = false;

async function leave(code) {
  leaving = true;
  await service?.stop();
  await store?.cleanUp?.().catch(() => undefined);
  process.exit(code);
}

async function fail(error) {
  if (leaving) return; // later errors are caused by stopping
  leaving = true;
  line();
  line(`${red('✗')} ${bold(step)}`);
  const text =
    error instanceof CheckFailed || error instanceof ServiceError
      ? error.message
      : (error.stack ?? String(error));
  for (const row of text.split('\n')) line(`  ${row}`);
  if (service?.log.length > 0) {
    line();
    line(dim('The last lines of the service’s log:'));
    for (const row of service.log) line(dim(`  ${row}`));
  }
  await leave(1);
}

async function begin() {
  title('Conversation Session Service', 'A tour: one recorded phone call, and everything that can go wrong.');
  store = await findStore(process.env);
  const port = await freePort(PREFERRED_PORT);
  service = new Service({
    port,
    directory,
    mongodbUri: store.uri,
    onDeath: (error) => void fail(error),
  });
  await service.start();
  fields([
    ['service', `${service.origin}, process ${service.pid}`],
    ...(port === PREFERRED_PORT ? [] : [['', dim(`Port ${PREFERRED_PORT} is taken.`)]]),
    ['store', store.name],
    ['', dim(store.note)],
  ]);
  return { client: new Client(service.origin), service, ...makeScene() };
}

/** The sessions of this tour. Their ids are new each time, since the store may be permanent. */
function makeScene() {
  const run = randomBytes(3).toString('hex');
  const start = Math.floor((Date.now() - durationMs) / 1000) * 1000; // the call has just ended
  return {
    call: {
      session: {
        sessionId: `demo-${run}`,
        language: 'en-GB',
        metadata: { caller: '+44 20 7946 0018', queue: 'support', bot: { name: 'Ada', version: '4.2' } },
      },
      start,
      events: eventsFrom(start),
      stored: [],
    },
    crowd: { sessionId: `demo-${run}-crowd` },
    live: { sessionId: `demo-${run}-live` },
    pace: isTerminal && !options.fast ? PACE_MS : FAST_PACE_MS,
    crash: { sessionId: `demo-${run}-crash` },
  };
}

async function play(scene) {
  const show = screensOf({ fast: options.fast });
  for (const [index, { run, ...about }] of STEPS.entries()) {
    step = `${index + 1}  ${about.title}`;
    await show({ ...about, number: index + 1, run: () => run(scene) });
  }
}

function finish({ client, call, service: { origin } }) {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log();
  line(green(bold(`All ${STEPS.length} steps are as promised: ${client.sent} requests in ${seconds} s.`)));
  line();
  if (options.keep) {
    line(bold('The service still runs, with all of this in it; Ctrl+C ends it.'));
    fields([
      ['the call', `${origin}/sessions/${call.session.sessionId}`],
      ['all calls', `${origin}/sessions`],
      ['the API', `${origin}/docs`],
    ]);
  } else {
    line(dim('The service is stopped now; nothing is left running. With --keep it stays, to look around:'));
    fields([
      ['./demo.sh --fast --keep', 'then, in a browser:'],
      ['the call as a page', `${origin}/sessions/…`],
      ['the API', `${origin}/docs`],
    ]);
  }
  line();
  line(bold('Try it yourself'));
  line();
  for (const row of [
    'npm start                                  # listens on http://localhost:3000, keeps its data in ./data',
    '',
    "curl -i localhost:3000/sessions -H 'Content-Type: application/json' \\",
    '  -d \'{"sessionId":"my-first","language":"en"}\'',
    "curl -i localhost:3000/sessions/my-first/events -H 'Content-Type: application/json' \\",
    '  -d \'{"eventId":"e1","type":"user_speech","payload":{"text":"Hello!"}}\'',
    'curl -i localhost:3000/sessions/my-first',
    'curl -i -X POST localhost:3000/sessions/my-first/complete',
    '',
    'http://localhost:3000/docs                 # in a browser: the whole API, to try out',
  ]) {
    line(`  ${row}`);
  }
  line();
  line('README.md says more, API-TESTING.md has every corner of the API as a command.');
  line();
}

try {
  const scene = await begin();
  await play(scene);
  if (!options.keep) await service.stop();
  finished = true;
  finish(scene);
  if (!options.keep) await leave(0); // with --keep, the service keeps this process alive until a signal
} catch (error) {
  await fail(error);
}
