import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import * as captions from 'media-captions';
import { pathOf } from '../support/client.js';
import { expectError } from '../support/expectations.js';
import { type ReadEvent } from '../support/representations.js';
import { aSession, newId } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

/** A parser of subtitles that is not ours; its types name their files as Node can't find them. */
const { parseText } = captions as unknown as {
  readonly parseText: (
    text: string,
    options: { type: 'vtt' | 'srt'; strict: true },
  ) => Promise<{ cues: { startTime: number; endTime: number }[]; errors: unknown[] }>;
};

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const START = '2026-03-01T12:00:00.000Z';
const at = (seconds: number) => new Date(Date.parse(START) + seconds * 1000).toISOString();
const said = (eventId: string, seconds: number, text: unknown, more: object = {}) => ({
  eventId,
  type: 'user_speech',
  timestamp: at(seconds),
  payload: { text },
  ...more,
});

async function recorded(events: readonly object[]): Promise<string> {
  const sessionId = newId();
  await service.client.create(aSession({ sessionId, startedAt: START }));
  for (let start = 0; start < events.length; start += 100)
    expect((await service.client.appendBatch(sessionId, events.slice(start, start + 100))).status).toBe(201);
  return sessionId;
}

const transcript = (sessionId: string, format: string) =>
  service.client.send({ path: `${pathOf(sessionId)}/transcript?format=${format}` });

const textOf = async (sessionId: string) =>
  (await transcript(sessionId, 'text')).text.split('\n').slice(2, -1);

describe('GET /sessions/:sessionId/transcript', () => {
  it('is a line a turn, in the order of the clock, with the newest version at the place of the first', async () => {
    const sessionId = await recorded([
      said('hello', 5, 'Hel'),
      said('hello-2', 6, 'Hello', { replaces: 'hello' }),
      said('answer', 7, 'Hi.\nHow are you?', { type: 'bot_speech' }),
      said('call', 8, undefined, {
        type: 'tool_call',
        payload: { name: 'find', arguments: '{"phone":"+44"}' },
      }),
      said('hello-3', 9, 'Hello!', { replaces: 'hello-2' }),
      said('card', 65, '4242', { type: 'agent_speech' }),
      said('of-none', 3700, 'Later', { replaces: 'not-stored' }),
      said('first', 1, 'Before'),
      said('circle', 70, 'one', { replaces: 'circle-2' }),
      said('circle-2', 71, 'two', { replaces: 'circle' }),
    ]);
    await service.client.send({ method: 'DELETE', path: `${pathOf(sessionId)}/events/card` });

    expect(await textOf(sessionId)).toEqual([
      '[0:01] User: Before',
      '[0:05] User: Hello!',
      '[0:07] Bot: Hi.',
      '  How are you?',
      '[0:08] Tool call: find(phone: +44)',
      '[1:05] Agent: [redacted]',
      '[1:10] User: one',
      '[1:11] User: two',
      '[1:01:40] User: Later',
    ]);
  });

  it('counts from the earliest clock where the session was created later', async () => {
    const sessionId = await recorded([said('a', -80, 'Early'), said('b', -20, 'Later')]);

    expect(await textOf(sessionId)).toEqual(['[0:00] User: Early', '[1:00] User: Later']);
  });

  it.each([
    ['text/vtt', 'text/vtt; charset=utf-8'],
    ['application/x-subrip', 'application/x-subrip; charset=utf-8'],
    ['application/vcon', 'application/vcon'],
    ['*/*', 'text/plain; charset=utf-8'],
    ['image/png', 'text/plain; charset=utf-8'],
  ])('for Accept: %s is %s', async (accept, type) => {
    const sessionId = await recorded([said('a', 1, 'Hello')]);

    const answer = await service.client.send({
      path: `${pathOf(sessionId)}/transcript`,
      headers: { Accept: accept },
    });

    expect(answer.headers['content-type']).toBe(type);
  });

  it('is refused in another format, and of a session that is none', async () => {
    expectError(await transcript(await recorded([]), 'pdf'), 'VALIDATION_FAILED', 'format');
    expectError(await transcript(newId(), 'text'), 'SESSION_NOT_FOUND');
    const gone = await recorded([said('a', 1, 'Hello')]);
    await service.client.delete(gone);
    expectError(await transcript(gone, 'vtt'), 'SESSION_DELETED');
  });

  it.each(['vtt', 'srt'] as const)(
    'as %s is understood by players: cues follow each other, with every text',
    async (format) => {
      const texts = ['hello', 'a --> b', '<b>bold', 'this &amp; that', 'two\n\nlines', 'a\u2028b'];
      const turns = texts.flatMap((text) => [0, 0, 0.001, 3, 3700].map((start) => ({ text, start })));
      const sessionId = await recorded(turns.map(({ text, start }, n) => said(`e${n}`, start, text)));

      const { text } = await transcript(sessionId, format);
      const { cues, errors } = await parseText(text, { type: format, strict: true });

      expect(errors).toEqual([]);
      expect(cues).toHaveLength(turns.length);
      for (const [index, { startTime, endTime }] of cues.entries()) {
        expect(endTime).toBeGreaterThan(startTime);
        const next = cues[index + 1];
        if (next) expect(endTime).toBeLessThanOrEqual(next.startTime);
      }
    },
  );

  it('as vCon follows the schema of the draft, and carries the whole log', async () => {
    const sessionId = await recorded([
      said('a', 1, 'Hello'),
      said('b', 2, { not: 'text' }),
      said('c', 3, 'Bye', { type: 'bot_speech' }),
    ]);

    const vcon = JSON.parse((await transcript(sessionId, 'vcon')).text) as Vcon;

    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    expect([ajv.validate(await vconSchema(), vcon), ajv.errors]).toEqual([true, null]);
    expect(vcon.dialog.map(({ body, originator }) => [vcon.parties[originator]?.name, body])).toEqual([
      ['User', 'Hello'],
      ['Bot', 'Bye'],
    ]);
    const [session, events] = vcon.attachments;
    const read = await service.client.read(sessionId, { sort: 'sequence' });
    expect(session?.body).toMatchObject({ sessionId, startedAt: START });
    expect(events?.body).toEqual(read.body.events);
  });

  it('has all of a large session', async () => {
    const long = 'word '.repeat(2000);
    const sessionId = await recorded(Array.from({ length: 300 }, (_, n) => said(`e${n}`, n, `${n} ${long}`)));

    const lines = await textOf(sessionId);

    expect(lines.map((line) => /^\[[\d:]+\] User: (\d+) /.exec(line)?.[1])).toEqual(
      Array.from({ length: 300 }, (_, n) => String(n)),
    );
  });
});

/** The rules of draft-ietf-vcon-vcon-core for what the service writes. */
async function vconSchema(): Promise<object> {
  return JSON.parse(await readFile(new URL('vcon-schema.json', import.meta.url), 'utf8')) as object;
}

interface Vcon {
  readonly parties: readonly { readonly name: string }[];
  readonly dialog: readonly { readonly body: string; readonly originator: number }[];
  readonly attachments: readonly { readonly body: Partial<ReadEvent> | ReadEvent[] }[];
}
