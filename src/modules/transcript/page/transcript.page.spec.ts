import { describe, expect, it } from '@jest/globals';
import { type Request } from 'express';
import fc from 'fast-check';
import { type JsonObject } from '../../../common/http/json.js';
import { type EventPage } from '../../event/reading/event-page.js';
import { TranscriptResponse } from '../dto/transcript.dto.js';
import { transcriptPage } from './transcript.page.js';

type Event = EventPage['events'][number];
type Session = ConstructorParameters<typeof TranscriptResponse>[0];

const MIB = 1024 * 1024;
const START = new Date('2026-03-01T12:00:00Z');

/** The page of a session with these payloads. */
function pageOf(
  payloads: readonly JsonObject[],
  session: Partial<Session> = {},
  page: Partial<EventPage> = {},
) {
  const events = payloads.map((payload, index): Event => ({
    sessionId: 's',
    eventId: `e${index + 1}`,
    sequence: index + 1,
    type: 'system',
    timestamp: new Date(START.getTime() + index * 1000),
    receivedAt: START,
    payload,
  }));
  const transcript = new TranscriptResponse(
    {
      sessionId: 's',
      status: 'active',
      initialStatus: 'active',
      language: 'en',
      startedAt: START,
      endedAt: null,
      finalSequence: null,
      metadata: {},
      filterable: {},
      ...session,
    },
    {
      events,
      limit: 100,
      nextCursor: null,
      numbers: { page: 1, total: events.length },
      ...page,
    },
  );
  const request = { query: {}, protocol: 'http', originalUrl: '/sessions/s', get: () => 'localhost' };
  return transcriptPage(transcript, request as unknown as Request).body.source;
}

/** Expects every element to be closed in order, and no unescaped tags in texts. */
function expectWellFormed(source: string): void {
  const open: string[] = [];
  const closedElsewhere: string[] = [];
  for (const [, close, name = ''] of source.matchAll(
    /<(\/?)([a-z][a-z0-9]*)(?: [a-z-]+(?:="[^"<>]*")?)*\s*>/g,
  )) {
    if (close === '') open.push(name);
    else if (open.pop() !== name) closedElsewhere.push(name);
  }
  expect({ open, closedElsewhere }).toEqual({ open: [], closedElsewhere: [] });
  expect(source.replaceAll(/<\/?[a-z][^<>]*>/g, '')).not.toMatch(/[<>]/);
}

/** `value` inside `count` nested objects. */
function nested(count: number, value: unknown): JsonObject {
  let around: unknown = value;
  for (let level = 0; level < count; level++) around = { a: around };
  return around as JsonObject;
}

describe('the page of a transcript', () => {
  it('is well-formed and small, whatever the payloads', () => {
    const payload = fc.oneof(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })),
      fc.record({
        text: fc.string({ unit: fc.constantFrom('<', '&', '"', '\u20ac', '\u{1f642}'), size: '+3' }),
      }),
    ) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 20 }), payload, (payloads, metadata) => {
        const source = pageOf(payloads, { metadata });

        expectWellFormed(source);
        expect(Buffer.byteLength(source)).toBeLessThan(2 * MIB);
      }),
    );
  });

  it.each([
    ['zeros, 19 levels deep', nested(18, new Array<number>(131_000).fill(0))],
    ['text that is all markup', { text: '<'.repeat(262_000) }],
    ['quotes in a field', { field: '"'.repeat(131_000) }],
    ['a field with a long name', { ['&'.repeat(262_000)]: 0 }],
    ['many fields', Object.fromEntries(Array.from({ length: 25_000 }, (_, n) => [`f${n}`, 0]))],
    ['many empty lists', { list: new Array<unknown>(87_000).fill([]) }],
    ['characters of four bytes', { text: '\u{1f642}'.repeat(65_000) }],
  ])('stays below 2 MB with 100 events of 256 KiB of %s', (_what, payload) => {
    const source = pageOf(new Array<JsonObject>(100).fill(payload), { metadata: payload });

    expect(Buffer.byteLength(source)).toBeLessThan(2 * MIB);
    expect(source).toContain('<a href="?afterSequence=99&amp;limit=1&amp;sort=sequence">');
    expectWellFormed(source);
  });

  it('shows more of an event that is alone on its page, and where the rest is', () => {
    const payload = { text: 'x'.repeat(100_000), list: new Array<number>(100_000).fill(0) };

    const [together, alone] = [pageOf([payload, {}]), pageOf([payload])];

    expect(together).toContain('92,000 more characters');
    expect(alone).toContain('x'.repeat(100_000));
    expect(alone).toMatch(/… [\d,]+ more values in the JSON/);
    expect(Buffer.byteLength(alone)).toBeLessThan(2 * MIB);
  });

  it('shows that a payload is empty', () => {
    expect(pageOf([{}])).toContain('(no content)');
    expect(pageOf([{ text: '' }])).toContain('(no content)');
    expect(pageOf([{ text: '', code: 1 }])).not.toContain('(no content)');
  });

  it('shows the values of unknown fields, and folds fields beside the text', () => {
    const fields = { error: 'The recogniser did not answer', code: 504, detail: 'x'.repeat(60) };

    expect(pageOf([fields])).toMatch(/<details class="more" open>[^]*did not answer/);
    expect(pageOf([{ text: 'Hello', ...fields }])).toMatch(
      /<details class="more"\s*><summary>error, code, detail/,
    );
  });

  it('folds the metadata after the first page', () => {
    const metadata = { queue: 'billing' };

    expect(pageOf([{}], { metadata })).not.toContain('<summary>Metadata');
    expect(pageOf([{}], { metadata }, { numbers: { page: 2, total: 30 } })).toContain('<summary>Metadata');
  });

  it.each([
    ['5:00', 300, 2],
    [undefined, -5, 2],
    [undefined, 1, 3],
    ['0:01', 1, 2],
    ['1:40', 100, 0],
  ])(
    'shows a duration of %s if it ended after %d s and has an event each second for %d s',
    (took, seconds, events) => {
      const source = pageOf(new Array<JsonObject>(events).fill({}), {
        status: 'completed',
        endedAt: new Date(START.getTime() + seconds * 1000),
        finalSequence: events,
      });

      expect(/<dd id="took">([^<]*)/.exec(source)?.[1]).toBe(took);
    },
  );
});
