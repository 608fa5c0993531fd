// A tour of the service: starts it, records one call, breaks what can be broken, and checks every response.
// Usage: ./demo.sh, or `node demo/tour.mjs [--keep]` after a build.
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { recordedCall } from './call.mjs';
import { Client } from './client.mjs';
import { freePort, Service } from './service.mjs';
import { breaking } from './steps/breaking.mjs';
import { keeping } from './steps/keeping.mjs';
import { managing } from './steps/managing.mjs';
import { recording } from './steps/recording.mjs';
import { findStore } from './store.mjs';
import { dim, fields, goesOn, isInteractive, line, paint, prose, screen, verified } from './terminal.mjs';

const STEPS = [...recording, ...keeping, ...breaking, ...managing];
const PREFERRED_PORT = 3000;
/** The pause between two events while somebody watches, and while nobody does. */
const PACE_MS = isInteractive ? 900 : 20;

const { values: options } = parseArgs({ options: { keep: { type: 'boolean' } } });
const directory = mkdtempSync(join(tmpdir(), 'conversation-demo-'));
let service;
let store;

// The last resort, whatever ends this process: leave nothing behind.
process.on('exit', () => {
  void service?.stop('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => void leave(finished ? 0 : 128 + constants.signals[signal]));
}

let leaving = false;
let finished = false;

/** Stops the service, drops the tour's database, and ends this process. */
async function leave(code) {
  if (leaving) return;
  leaving = true;
  await service?.stop();
  await store?.drop().catch((error) => line(`The database could not be dropped: ${error.message}`));
  process.exit(code);
}

async function play() {
  store = await findStore(process.env);
  if (store.isNamed) {
    // Nothing is sent to it before the tour has said so.
    screen('the store');
    fields({ ...store.about, '': '' });
    if (!(await goesOn('any key goes on with this store, q leaves'))) process.exit(0);
  }
  const port = await freePort(PREFERRED_PORT);
  service = new Service({ port, directory, mongodbUri: store.uri });
  await service.start();
  const client = new Client(service.origin);
  const scene = { client, service, call: recordedCall(), pace: PACE_MS };
  for (const [index, { title, says, run }] of STEPS.entries()) {
    screen(`${index + 1} of ${STEPS.length} · ${title}`);
    if (index === 0) fields({ service: service.origin, ...store.about, '': '' });
    prose(says, dim);
    line();
    const shown = await run(scene);
    line();
    verified(shown);
    if (!(await goesOn())) await leave(0);
  }
  await finish(scene);
}

async function finish({ client, call }) {
  const { origin } = service;
  finished = true;
  if (!options.keep) await service.stop();
  screen('the end');
  line(paint('green', `All ${STEPS.length} steps are as promised, in ${client.sent} requests.`));
  line();
  if (options.keep) {
    line('The service still runs, with the call in it. In a browser:');
    const here = `${origin}/sessions/${call.session.sessionId}`;
    fields({ 'all calls': `${origin}/`, 'this call': here, 'the API': `${origin}/docs` });
    line(
      `Ctrl+C stops it and ${store.database ? `drops the database ${store.database}` : 'removes its data'}.`,
    );
    await service.ended();
  } else {
    line('The service is stopped and its data is gone.');
    line(`Keep both, to look around in a browser:   ${paint('bold', './demo.sh --keep')}`);
    line(`Run it for yourself, with data in ./data:  ${paint('bold', 'npm start')}`);
  }
  await leave(0);
}

try {
  await play();
} catch (error) {
  if (!leaving) {
    line();
    line(`${paint('red', '✗')} ${error.code === 'ERR_ASSERTION' ? error.message : error.stack}`);
    for (const row of service?.lastWords() ?? []) line(dim(row));
    await leave(1);
  }
}
