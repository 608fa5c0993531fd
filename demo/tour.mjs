// A tour of the service: starts it, plays a recorded call, breaks what can be broken, and checks every answer.
// Usage: ./demo.sh, or `node demo/tour.mjs` after a build.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { durationMs, eventsFrom } from './call.mjs';
import { CheckFailed } from './check.mjs';
import { Client } from './http.mjs';
import { freePort, Service, ServiceError } from './service.mjs';
import { crashing } from './steps/crashing.mjs';
import { creating } from './steps/creating.mjs';
import { ending } from './steps/ending.mjs';
import { reading } from './steps/reading.mjs';
import { recording } from './steps/recording.mjs';
import { refusing } from './steps/refusing.mjs';
import { findStore } from './store.mjs';
import { bold, dim, fields, green, heading, line, prose, red, title, verified } from './terminal.mjs';

const STEPS = [...creating, ...recording, ...reading, ...ending, ...crashing, ...refusing];
const PREFERRED_PORT = 3000;

const startedAt = performance.now();
const directory = mkdtempSync(join(tmpdir(), 'conversation-demo-'));
let service;
let store;
let step = 'Starting the service';

// The last resort, whatever ends this process: leave nothing behind.
process.on('exit', () => {
  service?.killNow();
  rmSync(directory, { recursive: true, force: true });
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    line();
    line(dim(`${signal}: stopping the service and removing what the tour made.`));
    void leave(128 + constants.signals[signal]);
  });
}

let leaving = false;

async function leave(code) {
  leaving = true;
  await service?.stop();
  await store?.cleanUp?.().catch(() => undefined);
  process.exit(code);
}

async function fail(error) {
  if (leaving) return; // what goes wrong now is because we stopped it
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

/** The sessions of this tour; their ids are new each time, as the store may be one that stays. */
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
    crash: { sessionId: `demo-${run}-crash` },
  };
}

async function play(scene) {
  for (const [index, { title: name, says, run }] of STEPS.entries()) {
    step = `${index + 1}  ${name}`;
    heading(index + 1, name);
    prose(says, dim);
    line();
    verified(await run(scene));
  }
}

function finish({ client, service: { origin } }) {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log();
  line(green(bold(`All ${STEPS.length} steps are as promised: ${client.sent} requests in ${seconds} s.`)));
  line(dim(`The service at ${origin} is stopped now; nothing is left running.`));
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
  await service.stop();
  finish(scene);
  await leave(0);
} catch (error) {
  await fail(error);
}
