import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/load-config.js';
import { anEvent, aSession, createSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

const { limits, ...defaults } = loadConfig({});

/** The defaults that the documentation must give. */
const DEFAULTS = {
  PORT: defaults.port,
  HOST: defaults.host,
  STORE_TIMEOUT_MS: defaults.storeTimeoutMs,
  REQUEST_TIMEOUT_MS: defaults.requestTimeoutMs,
  SEND_TIMEOUT_MS: defaults.sendTimeoutMs,
  MAX_BYTES_UNDER_WAY: defaults.maxBytesUnderWay,
  MAX_REQUESTS_UNDER_WAY: defaults.maxRequestsUnderWay,
  MAX_FOLLOWERS: defaults.maxFollowers,
  TAIL_CACHE_SIZE: defaults.tailCacheSize,
  MAX_ID_LENGTH: limits.idLength,
  MAX_LANGUAGE_LENGTH: limits.languageLength,
  MAX_METADATA_BYTES: limits.metadataBytes,
  MAX_PAYLOAD_BYTES: limits.payloadBytes,
  MAX_JSON_DEPTH: limits.jsonDepth,
  MAX_BODY_BYTES: limits.bodyBytes,
  MAX_BATCH_BODY_BYTES: limits.batchBodyBytes,
  DEFAULT_PAGE_SIZE: limits.defaultPageSize,
  MAX_PAGE_SIZE: limits.maxPageSize,
};

type Samples = ReadonlyMap<string, number>;

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

/** All samples of `/metrics`, by name and labels as written there. */
async function scrape({ client }: TestService = service): Promise<Samples> {
  const { text } = await client.send({ path: '/metrics' });
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** Waits for a sample: the server counts a request after sending its response, which the client may receive earlier. */
async function expectSample(name: string, value: number): Promise<void> {
  const deadline = Date.now() + 5000;
  let samples = await scrape();
  while (samples.get(name) !== value && Date.now() < deadline) samples = await scrape();
  expect([name, samples.get(name)]).toEqual([name, value]);
}

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

const requests = (method: string, route: string, status: number | string) =>
  `http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`;
const OUTCOMES = ['created', 'replayed', 'mismatched', 'refused'];
const writes = (route: string, outcome: string) =>
  `conversation_writes_total{route="${route}",outcome="${outcome}"}`;

describe('GET /metrics', () => {
  it('is in the text format of Prometheus, and describes the process', async () => {
    const { status, headers, text } = await service.client.send({ path: '/metrics' });

    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const name of [
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_gc_duration_seconds',
    ]) {
      expect(text).toContain(`# TYPE ${name} `);
    }
    expect(text).toMatch(/^conversation_build_info\{version="\d+\.\d+\.\d+[^"]*"\} 1$/m);
    expect(text).toMatch(/^conversation_store_ready 1$/m);
  });

  it('counts the results of writes', async () => {
    const strict = { Prefer: 'handling=strict' };
    const sessionId = await createSession(service.client);
    const event = anEvent();
    await service.client.append(sessionId, event);
    await service.client.append(sessionId, event);
    await service.client.append(sessionId, { ...event, type: 'system' });
    await service.client.append(sessionId, { ...event, type: 'system' }, strict);
    await service.client.complete(sessionId);
    await service.client.complete(sessionId);

    const events = '/sessions/:sessionId/events';
    for (const outcome of OUTCOMES) await expectSample(writes(events, outcome), 1);
    await expectSample(writes('/sessions/:sessionId/complete', 'created'), 1);
    await expectSample(writes('/sessions/:sessionId/complete', 'replayed'), 1);
    await expectSample(requests('POST', events, 200), 2);
    await expectSample(requests('POST', events, 201), 1);
    await expectSample(requests('POST', events, 409), 1);
  });

  it('counts requests by route, even if they did not reach it, and never by what clients chose', async () => {
    const secret = aSession().sessionId;
    await service.client.read(secret);
    await service.client.send({ path: `/${secret}` });
    await service.client.send({ method: 'DELETE', path: `/sessions/${secret}/complete` });
    await service.client.send({ method: 'PROPFIND', path: `/sessions/${secret}` });
    await service.client.postText(`/sessions/${secret}/events`, ' '.repeat(600_000));

    await expectSample(requests('GET', '/sessions/:sessionId', 404), 1);
    await expectSample(requests('GET', 'unmatched', 404), 1);
    await expectSample(requests('DELETE', '/sessions/:sessionId/complete', 405), 1);
    await expectSample(requests('OTHER', '/sessions/:sessionId', 405), 1);
    await expectSample(requests('POST', '/sessions/:sessionId/events', 413), 1);
    expect([...(await scrape()).keys()].join('\n')).not.toContain(secret);
  });

  it('has histograms whose buckets add up', async () => {
    await service.client.send({ path: '/health/live' });
    await expectSample(requests('GET', '/health/live', 200), 1);

    const labels = 'method="GET",route="/health/live",status="200"';
    const samples = await scrape();
    const buckets = [...samples].filter(
      ([name]) => name.startsWith('http_request_duration_seconds_bucket') && name.includes(labels),
    );
    const counts = buckets.map(([, count]) => count);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(buckets.at(-1)).toEqual([`http_request_duration_seconds_bucket{le="+Inf",${labels}}`, 1]);
    expect(samples.get(`http_request_duration_seconds_sum{${labels}}`)).toBeGreaterThan(0);
  });

  it('times the operations on the store', async () => {
    const name = 'conversation_store_operation_duration_seconds_count';
    const before =
      (await scrape()).get(`${name}{collection="events",operation="insertAt",outcome="ok"}`) ?? 0;
    const sessionId = await createSession(service.client);
    await service.client.append(sessionId, anEvent());

    await expectSample(`${name}{collection="events",operation="insertAt",outcome="ok"}`, before + 1);
  });

  it('tells of how many sessions the process remembers the tail', async () => {
    const before = await scrape();
    const sessionId = await createSession(service.client);
    await service.client.append(sessionId, anEvent());

    const tails = 'conversation_tail_cache_entries';
    await expectSample(tails, (before.get(tails) ?? 0) + 1);
    await expectSample('conversation_waiting_appends', 0);
    await expectSample('conversation_sequence_retries_total', 0);
  });

  it('starts at 0 in each application, with writes counted from 0 and only counters named total', async () => {
    const other = await startService();
    try {
      const { text } = await other.client.send({ path: '/metrics' });
      const { paths } = JSON.parse(await read('docs/openapi.json')) as { paths: Record<string, object> };
      const posts = Object.keys(paths).filter((path) => 'post' in (paths[path] ?? {}));
      const counted = posts.map((path) => path.replace(/\{(\w+)\}/g, ':$1'));
      const samples = await scrape(other);

      expect(samples.has(requests('POST', '/sessions', 201))).toBe(false);
      expect(counted.length).toBeGreaterThan(3);
      expect(
        counted.flatMap((route) => OUTCOMES.map((outcome) => samples.get(writes(route, outcome)))),
      ).toEqual(counted.flatMap(() => [0, 0, 0, 0]));
      const types = [...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].map(([, name = '', type]) => ({
        name,
        type,
      }));
      expect(types.filter(({ name, type }) => name.endsWith('_total') !== (type === 'counter'))).toEqual([]);
    } finally {
      await other.close();
    }
  });
});

describe('docs/operations.md', () => {
  it.each(['docs/operations.md', 'docs/grafana-dashboard.json'])(
    '%s names metrics that there are',
    async (file) => {
      const { text } = await service.client.send({ path: '/metrics' });
      const known = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
      const named =
        (await read(file)).match(/\b(?:http_request|conversation|nodejs|process)_[a-z0-9_]+[a-z0-9]\b/g) ??
        [];

      expect(named.length).toBeGreaterThan(10);
      for (const name of named) expect(known).toContain(name.replace(/_(?:bucket|count|sum)$/, ''));
    },
  );

  it('includes a dashboard that shows every metric of the service', async () => {
    const [{ text }, dashboard] = await Promise.all([
      service.client.send({ path: '/metrics' }),
      read('docs/grafana-dashboard.json'),
    ]);
    const names = [...text.matchAll(/^# TYPE ((?:conversation|http)_\S+)/gm)].map(([, name = '']) => name);

    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !new RegExp(`\\b${name}(?:_bucket|_count)?\\b`).test(dashboard))).toEqual(
      [],
    );
  });

  it('describes every metric of the service, and every variable with its default', async () => {
    const [document, source] = await Promise.all([
      read('docs/operations.md'),
      read('src/config/load-config.ts'),
    ]);
    const { text } = await service.client.send({ path: '/metrics' });
    const rows = [
      ...[...text.matchAll(/^# TYPE ((?:conversation|http)_\S+)/gm)].map(
        ([, name = '']) => `| \`${name}\` |`,
      ),
      ...[...source.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name = '']) => `| \`${name}\` |`),
      ...Object.entries(DEFAULTS).map(([name, value]) => `| \`${name}\` | \`${value}\` |`),
    ];

    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter((row) => !document.includes(row))).toEqual([]);
  });
});
