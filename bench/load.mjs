import autocannon from 'autocannon';

/** The middle of a list of numbers. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Keeps `connections` requests under way for some seconds; a failed one fails the benchmark. */
export async function load(target, next, { connections, seconds }) {
  const cpuBefore = target.cpuSeconds();
  const result = await autocannon({
    url: target.url,
    connections,
    duration: seconds,
    requests: [{ setupRequest: (request) => ({ ...request, headers: {}, body: undefined, ...next() }) }],
  });
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0) throw new Error(`${target.name}: ${failed} of ${result.requests.total} requests failed`);
  return {
    perSecond: result.requests.total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    cpuMicros: ((target.cpuSeconds() - cpuBefore) / result.requests.total) * 1e6,
    peakMemory: target.peakMemory(),
  };
}

/** Milliseconds that one request takes when nothing else is under way, as the median of `count`. */
export async function latency(target, path, count = 60) {
  const times = [];
  for (let sent = 0; sent < count; sent++) {
    const start = performance.now();
    const response = await fetch(target.url + path);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
    times.push(performance.now() - start);
  }
  return median(times);
}
