import autocannon from 'autocannon';

/**
 * Sends requests over `connections`, for some `seconds` or until there were `amount`; a failed one fails the benchmark.
 *
 * @param next returns the next request.
 * @returns requests a second, their 99th percentile in ms, and µs of processor time a request.
 */
export async function load(target, next, { connections, seconds, amount }) {
  const before = target.cpu();
  const begun = performance.now();
  let ended = begun;
  const run = autocannon({
    url: target.url,
    connections,
    ...(amount ? { amount } : { duration: seconds }),
    requests: [{ setupRequest: (request) => ({ ...request, headers: {}, body: undefined, ...next() }) }],
  });
  run.on('response', () => (ended = performance.now())); // its own duration is in whole seconds
  const result = await run;
  const after = target.cpu();
  const succeeded = result['2xx'];
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0 || succeeded === 0) {
    const statuses = Object.entries(result.statusCodeStats).map(
      ([status, { count }]) => `${count} × ${status}`,
    );
    throw new Error(`${target.name}: ${failed} requests failed (${statuses.join(', ')})`);
  }
  const micros = (part) => ((after[part] - before[part]) / succeeded) * 1e6;
  return {
    value: (succeeded / (ended - begun)) * 1000,
    p99: result.latency.p99,
    cpu: micros('program'),
    storeCpu: micros('store'),
  };
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
