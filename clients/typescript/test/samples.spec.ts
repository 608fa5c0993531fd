import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { convert, detectFormat } from '../src/formats/index.js';
import { ConversationClient } from '../src/index.js';
import { startService, type TestService } from '../../../test/support/service.js';

const SAMPLES = new URL('samples/', import.meta.url);
const files = await readdir(SAMPLES);

let service: TestService;
let client: ConversationClient;
beforeAll(async () => {
  service = await startService();
  client = new ConversationClient({ baseUrl: service.client.origin });
});
afterAll(() => service.close());

describe('a sample of what a provider sends', () => {
  it.each(files)(
    '%s is stored as it is, not doubled, and the same after its export as a vCon',
    async (file) => {
      const input = JSON.parse(await readFile(new URL(file, SAMPLES), 'utf8')) as unknown;
      const format = detectFormat(Array.isArray(input) ? input[0] : input) ?? 'vapi';
      const sessionId = ['livekit', 'contact-lens'].includes(format) ? format : undefined;
      for (const recording of convert(format, input, { sessionId, ended: 'completed' })) {
        const first = await client.record(recording);
        const again = await client.record(recording);
        const { value: page } = await client
          .read(first.session.sessionId, { limit: 100, sort: 'sequence' })
          .next();

        const count = recording.events.length;
        expect(first).toMatchObject({ stored: count, replayed: 0 });
        expect(again).toMatchObject({ stored: 0, replayed: count, session: first.session });
        expect(first.session).toMatchObject({ status: recording.end?.status, finalSequence: count });
        expect(page?.events.map(({ eventId, type, payload }) => ({ eventId, type, payload }))).toEqual(
          recording.events.map(({ eventId, type, payload }) => ({ eventId, type, payload })),
        );
        const vcon = JSON.parse(await client.transcript(first.session.sessionId, 'vcon')) as unknown;
        const [exported] = convert('vcon', vcon);
        expect(exported?.session).toMatchObject({
          sessionId: first.session.sessionId,
          metadata: first.session.metadata,
        });
        expect(exported?.end).toEqual({ status: first.session.status, endedAt: first.session.endedAt });
        expect(exported?.events).toEqual(
          page?.events.map(({ eventId, type, payload, timestamp, replaces }) => ({
            eventId,
            type,
            payload,
            timestamp,
            ...(replaces && { replaces }),
          })),
        );
      }
    },
  );
});
