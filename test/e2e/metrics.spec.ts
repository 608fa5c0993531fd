import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anEvent, aSession, createSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

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
const expectSample = (name: string, value: number) =>
  until(async () => (await scrape()).get(name) === value, 30_000);

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
    expect(text).toContain('# TYPE nodejs_eventloop_lag_p99_seconds ');
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
    await expectSample(requests('PROPFIND', '/sessions/:sessionId', 405), 1);
    await expectSample(requests('POST', '/sessions/:sessionId/events', 413), 1);
    expect([...(await scrape()).keys()].join('\n')).not.toContain(secret);
  });

  it('times the operations on the store', async () => {
    const name = 'conversation_store_operation_duration_seconds_count';
    const before =
      (await scrape()).get(`${name}{collection="events",operation="insertAt",outcome="ok"}`) ?? 0;
    const sessionId = await createSession(service.client);
    await service.client.append(sessionId, anEvent());

    await expectSample(`${name}{collection="events",operation="insertAt",outcome="ok"}`, before + 1);
  });

  const files = ['docs/operations.md', 'deploy/grafana-dashboard.json', 'deploy/alerts.yaml'];
  it.each(files)('has what %s names', async (file) => {
    const { text } = await service.client.send({ path: '/metrics' });
    const known = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    const document = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
    const named =
      document.match(/\b(?:http_request|conversation|nodejs|process)_[a-z0-9_]+[a-z0-9]\b/g) ?? [];

    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(known).toContain(name.replace(/_(?:bucket|count|sum)$/, ''));
  });
});
