import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { onStore, startProcess, untilReady } from '../support/processes.js';
import { anEvent, createSession } from '../support/samples.js';
import { makeStore, type TestStore } from '../support/store.js';

/** A line of the log, or a span: see `tracing.mjs`. */
interface Line {
  readonly span?: string;
  readonly traceId?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly trace_id?: string;
  readonly message?: string;
}

/** As an operator would, by Node's options alone. */
const NODE_OPTIONS = [
  `--import=${new URL('../support/tracing.mjs', import.meta.url).href}`,
  `--experimental-loader=${import.meta.resolve('@opentelemetry/instrumentation/hook.mjs')}`,
].join(' ');

let store: TestStore;
beforeAll(async () => {
  store = await makeStore();
});
afterAll(() => store.remove());

it('the built service is traced by OpenTelemetry: its routes, its collections, and the lines of its log', async () => {
  const service = await startProcess({ ...onStore(store), NODE_OPTIONS });
  await untilReady(service);
  const sessionId = await createSession(service.client);
  await service.client.append(sessionId, anEvent());
  await service.wrote(`"span":"POST /sessions/:sessionId/events"`);
  const { code, output } = await service.stop();

  expect(code).toBe(0);
  const lines = output
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
  const request = lines.find(({ span }) => span === 'POST /sessions/:sessionId/events');
  expect(request?.attributes).toMatchObject({
    'http.route': '/sessions/:sessionId/events',
    'http.response.status_code': 201,
  });
  const stored = lines.find(({ span }) => span === 'insert events');
  expect(stored?.attributes).toMatchObject({ 'db.collection.name': 'events', 'db.operation.name': 'insert' });
  expect(stored?.traceId).toBe(request?.traceId);
  const logged = lines.find(({ message }) => /^POST \/sessions\/.*\/events 201$/.test(message ?? ''));
  expect(logged?.trace_id).toBe(request?.traceId);
});
