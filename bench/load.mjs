import autocannon from 'autocannon';
import { percentile } from './statistics.mjs';

/** Enough requests for V8 to compile their code or, on a slow machine, enough seconds. */
export const WARM_UP = { requests: 8000, seconds: 12 };

/** The warm-up of a scenario in a warm process, for the code that only it uses. */
export const SHORT_WARM_UP = { requests: 8000, seconds: 1 };

/** Sends requests over `connections` for some seconds; a failed one fails the benchmark. */
export async function load(target, next, { connections, seconds }) {
  const times = [];
  const cpuBefore = target.cpuSeconds();
  const running = autocannon({
    url: target.url,
    connections,
    duration: seconds,
    requests: [{ setupRequest: (request) => ({ ...request, headers: {}, body: undefined, ...next() }) }],
  });
  // By default, autocannon records whole milliseconds, which is too coarse for one connection.
  running.on('response', (_client, _status, _bytes, time) => times.push(time));
  const result = await running;
  refuseFailures(target, result);
  return {
    perSecond: times.length / result.duration,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    cpuMicros: ((target.cpuSeconds() - cpuBefore) / times.length) * 1e6,
    peakMemory: target.peakMemory(),
    requests: times.length,
  };
}

/** Throws if requests failed, since the rates would be those of failures. */
export function refuseFailures(target, { non2xx, errors, timeouts, requests, statusCodeStats }) {
  const failed = non2xx + errors + timeouts;
  if (failed === 0) return;
  const statuses = Object.entries(statusCodeStats).map(([status, { count }]) => `${count} × ${status}`);
  throw new Error(`${target.name}: ${failed} of ${requests.total} requests failed (${statuses.join(', ')})`);
}

/** Sends load without measuring, until there were enough requests or enough seconds. */
export async function warmUp(target, next, { connections, requests, seconds }) {
  for (let sent = 0, spent = 0; sent < requests && spent < seconds; spent++) {
    sent += (await load(target, next, { connections, seconds: 1 })).requests;
  }
}

/** Milliseconds of one request with nothing else under way. */
export async function timeOf(target, path) {
  const start = performance.now();
  const response = await fetch(target.url + path);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
  return performance.now() - start;
}

/** Runs asynchronous work over a list, `width` at a time. */
export async function inParallel(items, width, work) {
  const rest = items[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}
