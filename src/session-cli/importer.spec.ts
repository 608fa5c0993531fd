import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SessionApi } from './api.js';
import { type ExportRecord } from './export-file.js';
import { ImportReport } from './import-report.js';
import { Importer } from './importer.js';
import { stepsOf } from './steps.js';

/** So many that 16 MiB are fewer events than each case has. */
const EVENT_BYTES = 4000;
const MIB = 1024 * 1024;

/** A service that answers once `open` is done, and says that it has stored everything. */
let server: Server;
let open: () => void;
let api: SessionApi;
beforeEach(async () => {
  const opened = new Promise<void>((resolve) => (open = resolve));
  server = createServer((request, response) => {
    void textOf(request).then(async (body) => {
      await opened;
      const { events = [] } = JSON.parse(body) as { events?: { payload: { n: number } }[] };
      const results = events.map(({ payload }) => ({ status: 201, event: { sequence: payload.n } }));
      response.writeHead(201).end(JSON.stringify({ results }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  api = new SessionApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Records of running sessions, made as they are read. */
async function* records(read: { events: number; sessions: number }, sessions: number, events: number) {
  for (let session = 1; session <= sessions; session++) {
    const sessionId = `s${session}`;
    const common = { sessionId, language: 'en', startedAt: '', metadata: {} };
    await Promise.resolve();
    read.sessions++;
    yield {
      kind: 'session',
      place: '',
      session: { ...common, status: 'active', endedAt: null, finalSequence: null },
    } as ExportRecord;
    for (let n = 1; n <= events; n++) {
      read.events++;
      const event = {
        sessionId,
        eventId: `e${n}`,
        sequence: n,
        type: 'system',
        payload: { n },
        timestamp: '',
      };
      yield { kind: 'event', place: '', bytes: EVENT_BYTES, event } as ExportRecord;
    }
    yield { kind: 'end', place: '' } as ExportRecord;
  }
}

describe('Importer', () => {
  it.each([
    ['of a long session reads some MiB', 1, 10_000],
    ['of many short ones reads some sessions', 500, 10],
    ['of many long ones reads some MiB', 10, 1000],
  ])('%s ahead of a service that does not answer', async (_, sessions, events) => {
    const read = { sessions: 0, events: 0 };
    const report = new ImportReport(() => undefined);

    const running = new Importer(api, report).run(stepsOf(records(read, sessions, events)));
    await once(server, 'request'); // what can be read without waiting has been read by then
    const ahead = { ...read };
    open();
    await running;

    expect(ahead.events * EVENT_BYTES).toBeLessThan(16 * MIB);
    expect(ahead.sessions).toBeLessThan(100);
    expect(report.events.created).toBe(sessions * events);
  });
});
