// Runs the service under a memory limit and the loads that take most memory: as root on Linux, after a build,
// node bench/memory.mjs MIB [SETTING=VALUE …]
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Program } from './processes.mjs';

const STALL_MS = 10_000;

const [mib, ...given] = process.argv.slice(2);
const settings = Object.fromEntries(given.map((setting) => setting.split(/=(.*)/s, 2)));
const bodyBytes = Number(settings.MAX_BATCH_BODY_BYTES ?? 4 * 1024 * 1024);
const group = `/sys/fs/cgroup${existsSync('/sys/fs/cgroup/memory') ? '/memory' : ''}/css-memory`;
const isOld = group.includes('/memory/');
mkdirSync(group, { recursive: true });
writeFileSync(join(group, isOld ? 'memory.limit_in_bytes' : 'memory.max'), String(mib * 1024 * 1024));
if (isOld) writeFileSync(join(group, 'memory.max_usage_in_bytes'), '0');

const directory = mkdtempSync(join(tmpdir(), 'css-memory-'));
const storeArgs = ['dist/cli/store.js', '--port', '0', '--path', directory];
const store = await Program.start(process.execPath, storeArgs, { listens: /listens on (mongodb:\S+)/ });
const service = await Program.start('sh', ['-c', `echo $$ >${group}/cgroup.procs; exec node dist/main.js`], {
  env: { MONGODB_URI: store.address, PORT: '0', ACCESS_LOG: 'off', ...settings },
});

const statuses = {};
async function post(path, body) {
  const headers = { 'Content-Type': 'application/json' };
  const status = await fetch(service.address + path, { method: 'POST', headers, body }).then(
    async (response) => (await response.arrayBuffer(), response.status),
    () => 'cut off',
  );
  statuses[status] = (statuses[status] ?? 0) + 1;
  return status;
}

/** Event objects as the text of a batch. */
const batchOf = (events) => JSON.stringify({ events });
const event = (payload) => ({ eventId: crypto.randomUUID(), type: 'bot_speech', payload });
const newSession = async () => {
  const sessionId = crypto.randomUUID();
  await post('/sessions', JSON.stringify({ sessionId, language: 'en' }));
  return `/sessions/${sessionId}`;
};

/** Batches of nearly half of what is allowed (1.9 MB), `count` at once, each to a session of its own. */
async function large(count) {
  const text = 'x'.repeat(240_000);
  const length = Math.floor(bodyBytes / 500_000);
  const paths = await Promise.all(Array.from({ length: count }, newSession));
  const bodies = paths.map(() => batchOf(Array.from({ length }, () => event({ text }))));
  await Promise.all(paths.map((path, n) => post(`${path}/events/batch`, bodies[n])));
  return paths;
}

/** As many empty objects as are allowed (4 MB), which take twenty times their size once parsed. */
async function small(count) {
  const body = batchOf(Array.from({ length: Math.floor(bodyBytes / 3) - 10 }, () => ({})));
  await Promise.all(Array.from({ length: count }, () => post('/sessions/none/events/batch', body)));
}

/** Exports whose client reads nothing. */
async function stall(paths, count) {
  const { hostname, port } = new URL(service.address);
  const sockets = Array.from({ length: count }, (_, n) => {
    const socket = connect(Number(port), hostname)
      .on('error', () => undefined)
      .pause();
    socket.write(`GET ${paths[n % paths.length]}/export HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    return socket;
  });
  await sleep(STALL_MS);
  return () => sockets.forEach((socket) => socket.destroy());
}

const ended = once(service.child, 'exit').then(([code, signal]) => `ended by itself: ${signal ?? code}`);
const loads = (async () => {
  while ((await fetch(`${service.address}/health/ready`)).status !== 200) await sleep(100);
  const paths = await large(60);
  await small(30);
  const leave = await stall(paths, 192);
  await large(60);
  leave();
  await sleep(1000);
  const { status } = await fetch(`${service.address}/health/ready`);
  return `survived, ready: ${status}`;
})().catch((error) => ended.then((how) => `${how} (${error.cause?.code ?? error.message})`));

const outcome = await Promise.race([loads, ended]);
const peak = Number(readFileSync(join(group, isOld ? 'memory.max_usage_in_bytes' : 'memory.peak'), 'utf8'));
console.log(
  `${mib} MiB ${given.join(' ')}: ${outcome}; peak ${Math.round(peak / 1024 / 1024)} MiB`,
  statuses,
);
await service.stop();
await store.stop();
rmSync(directory, { recursive: true });
rmdirSync(group);
