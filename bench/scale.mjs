// npm run bench:scale [-- --seconds N] [--connections N] [--write]
//
// Measures whole sessions on one instance, and extrapolates to millions of them a day. 64 clients each run one session
// after the other: create, 20 appends, one read, complete. --write merges the result into the report.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { WARM_UP, refuseFailures } from './load.mjs';
import { append, complete, create, fresh, read } from './requests.mjs';
import { merged, stamped, writeReport } from './results.mjs';
import { scaleSection } from './scale-report.mjs';
import { percentile } from './statistics.mjs';
import { PROGRAM, Target } from './target.mjs';

const APPENDS = 20;

/** The requests of one session, by kind, in order. */
const LIFE = [
  ['create', (id) => create(id)],
  ...Array.from({ length: APPENDS }, (_, index) => ['append', (id) => append(id, `e-${index}`)]),
  ['read', (id) => read(id)],
  ['complete', (id) => complete(id)],
];

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    'warm-up-seconds': { type: 'string', default: String(WARM_UP.seconds) },
    connections: { type: 'string', default: '64' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log('npm run bench:scale -- [--seconds 30] [--warm-up-seconds 12] [--connections 64] [--write]');
} else {
  const data = stamped({ scale: await measure(Number(values.seconds), Number(values.connections)) });
  console.log(scaleSection(data.scale).join('\n'));
  if (values.write) writeReport(merged(data));
}

async function measure(seconds, connections) {
  const target = await Target.start('service', PROGRAM);
  try {
    await liveSessions(target, Number(values['warm-up-seconds']), connections);
    const before = { cpu: target.cpuSeconds(), bytes: allocatedBytes(target.dataDir) };
    const { times, elapsed } = await liveSessions(target, seconds, connections);
    const sessions = times.append.length / APPENDS; // the load ends in the middle of sessions, which count in part
    const bytes = process.env.MONGODB_URI ? undefined : allocatedBytes(target.dataDir) - before.bytes;
    return {
      seconds,
      connections,
      appendsPerSession: APPENDS,
      sessionsPerSecond: sessions / elapsed,
      requestsPerSecond: Object.values(times).flat().length / elapsed,
      appendsPerSecond: times.append.length / elapsed,
      cpuMillisPerSession: ((target.cpuSeconds() - before.cpu) / sessions) * 1000,
      ...(bytes !== undefined && { bytesPerSession: bytes / sessions }),
      latencies: Object.fromEntries(
        Object.entries(times).map(([kind, list]) => [
          kind,
          { p50: percentile(list, 0.5), p99: percentile(list, 0.99) },
        ]),
      ),
    };
  } finally {
    await target.stop();
  }
}

async function liveSessions(target, seconds, connections) {
  const times = { create: [], append: [], read: [], complete: [] };
  const running = autocannon({
    url: target.url,
    connections,
    duration: seconds,
    requests: LIFE.map(([, requestOf]) => ({
      // autocannon gives each connection its own context, which is empty before the first request
      setupRequest: (request, context) => ({
        ...request,
        headers: {},
        body: undefined,
        ...requestOf((context.id ??= fresh('life'))),
      }),
    })),
  });
  running.on('response', (client, _status, _bytes, time) => {
    times[LIFE[client.requestIterator.currentRequestIndex][0]].push(time);
  });
  const result = await running;
  refuseFailures(target, result);
  return { times, elapsed: result.duration };
}

/** The disk space of the files; their apparent size would include holes. */
function allocatedBytes(directory) {
  return readdirSync(directory).reduce((sum, file) => sum + statSync(join(directory, file)).blocks * 512, 0);
}
