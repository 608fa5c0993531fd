// Samples are JSON, which the tests change at any place.
/* oxlint-disable typescript/no-explicit-any, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  convert,
  detectFormat,
  FORMAT_NAMES,
  fromElevenLabs,
  fromLiveKit,
  fromOpenAIRealtime,
  fromRetell,
  fromTwilio,
  fromVapi,
  fromVcon,
  type Converted,
  type FormatName,
} from '../src/formats/index.js';

type Json = Record<string, any>;

const SAMPLES: Readonly<Record<FormatName, string>> = {
  vapi: 'vapi-end-of-call-report',
  retell: 'retell-call',
  elevenlabs: 'elevenlabs-post-call',
  livekit: 'livekit-history',
  'openai-realtime': 'openai-realtime-events',
  twilio: 'twilio-requests',
  'contact-lens': 'contact-lens-segments',
  vcon: 'conversation.vcon',
};

async function sample(name: FormatName): Promise<Json> {
  const text = await readFile(new URL(`samples/${SAMPLES[name]}.json`, import.meta.url), 'utf8');
  return JSON.parse(text) as Json;
}

/** Each event in short: id, type, and the second of the hour in which it happened. */
function short({ events }: Pick<Converted, 'events'>): string[] {
  return events.map(({ eventId, type, timestamp }) => {
    const time = timestamp === undefined ? 'no time' : String(timestamp).slice(14, -1);
    return `${eventId ?? 'no id'} ${type} ${time}`;
  });
}

describe('what providers send', () => {
  it('Vapi: times in milliseconds, no ids', async () => {
    const report = await sample('vapi');
    const converted = fromVapi(report);
    expect(converted).toMatchObject({
      session: {
        sessionId: '01b7c1f2-90ae-7fff-b06b-000000000011',
        language: 'und',
        startedAt: '2026-01-01T09:05:00.120Z',
        metadata: { provider: 'vapi', from: '+15550100001' },
      },
      end: { status: 'completed', endedAt: '2026-01-01T09:10:30.456Z' },
      faults: [],
    });
    expect(short(converted)).toEqual([
      'turn-0001 system 05:00.000',
      'turn-0002 bot_speech 05:00.620',
      'turn-0003 user_speech 05:04.123',
      'turn-0004 tool_call 05:06.978',
      'turn-0005 tool_result 05:08.100',
      'turn-0006 bot_speech 05:09.000',
    ]);
    expect(converted.events.map(({ payload }) => payload)).toEqual(report.message.artifact.messages);
    expect(fromVapi(report.message)).toEqual(converted);
    const { call, ...rest } = report.message; // as GET /call/:id has it
    expect(fromVapi({ ...rest, ...call, type: call.type })).toEqual(converted);
  });

  it('Retell: seconds from the start, tool calls without any time, a human', async () => {
    const { event, call } = await sample('retell');
    const converted = fromRetell({ event, call });
    expect(converted).toMatchObject({
      session: {
        startedAt: '2026-01-01T09:05:00.120Z',
        metadata: { from: '+15550100002', branch: 'harbour' },
      },
      end: { status: 'completed', endedAt: '2026-01-01T09:05:15.736Z' },
    });
    expect(short(converted)).toEqual([
      'turn-0001 bot_speech 05:00.820',
      'turn-0002 user_speech 05:03.120',
      'call_b2 tool_call 05:03.120',
      'call_b2-result tool_result 05:03.120',
      'turn-0005 bot_speech 05:06.220',
      'turn-0006 agent_speech 05:09.120',
    ]);
    expect(fromRetell(call)).toEqual(converted);
    const { transcript_with_tool_calls: turns, ...others } = call;
    expect(fromRetell({ ...others, transcript_object: turns.slice(0, 2) } as never).events).toHaveLength(2);
  });

  it('ElevenLabs: tool calls inside turns become events of their own, and a turn without a message none', async () => {
    const { type, data } = await sample('elevenlabs');
    const converted = fromElevenLabs({ type, data });
    expect(converted).toMatchObject({
      session: { sessionId: 'conv_1', startedAt: '2026-01-01T09:05:00.000Z' },
      end: { status: 'completed', endedAt: '2026-01-01T09:05:22.000Z' },
    });
    expect(short(converted)).toEqual([
      'turn-0001 bot_speech 05:00.000',
      'turn-0002 user_speech 05:03.000',
      'turn-0003 bot_speech 05:07.000',
      'req_1 tool_call 05:07.000',
      'req_1-result tool_result 05:07.000',
    ]);
    data.transcript[2].message = null;
    expect(short(fromElevenLabs(data)).slice(2)).toEqual([
      'req_1 tool_call 05:07.000',
      'req_1-result tool_result 05:07.000',
    ]);
    Object.assign(data.transcript[2], { tool_calls: null, tool_results: [] });
    expect(short(fromElevenLabs(data)).at(-1)).toBe('turn-0003 system 05:07.000'); // and is not dropped in silence
  });

  it('LiveKit: an id for each item, none for the session', async () => {
    const history = await sample('livekit');
    const converted = fromLiveKit(history, { sessionId: 'room-1', language: 'en' });
    expect(converted.session).toMatchObject({ sessionId: 'room-1', language: 'en' });
    expect(converted.end).toBeUndefined();
    expect(short(converted)).toEqual([
      'item_1 user_speech 05:00.250',
      'item_2 tool_call 05:01.000',
      'item_3 tool_result 05:02.000',
      'item_4 bot_speech 05:03.500',
      'item_5 system 05:04.000',
    ]);
    const ended = fromLiveKit(history, { sessionId: 'room-1', ended: 'completed' });
    expect(ended.end).toEqual({ status: 'completed', endedAt: '2026-01-01T09:05:04.000Z' });
  });

  it('OpenAI Realtime: no deltas, and a transcript replaces the item that came before it', async () => {
    const events = (await sample('openai-realtime')) as never as { type: string }[];
    const converted = fromOpenAIRealtime(events);
    expect(converted.session).toMatchObject({ sessionId: 'sess_1' });
    expect(short(converted)).toEqual([
      'event_1 system no time',
      'event_2 system no time',
      'item_u1 user_speech no time',
      'event_5 user_speech no time',
      'item_f1 tool_call no time',
      'event_7 bot_speech no time',
      'event_8 system no time',
    ]);
    expect(converted.events.flatMap(({ replaces }) => replaces ?? [])).toEqual(['item_u1']);
    const one = events.flatMap((event) => fromOpenAIRealtime([event], { sessionId: 'sess_1' }).events);
    expect(one).toEqual(converted.events); // as they come
  });

  it('OpenAI Realtime: written items, older names, a call that comes twice, results', () => {
    const item = { id: 'i1', type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] };
    const call = { id: 'i2', type: 'function_call', name: 'f', arguments: '{}' };
    const { events } = fromOpenAIRealtime(
      [
        { type: 'conversation.item.added', event_id: 'e1', item },
        { type: 'response.function_call_arguments.done', event_id: 'e2', item_id: 'i2', arguments: '{}' },
        { type: 'response.output_item.done', event_id: 'e3', item: call },
        {
          type: 'conversation.item.added',
          event_id: 'e4',
          item: { type: 'function_call_output', output: '1' },
        },
        { type: 'response.audio_transcript.done', event_id: 'e5', transcript: 'Hello' },
        { type: 'response.text.done', event_id: 'e6', text: 'Hello' },
      ] as never,
      { sessionId: 's', startedAt: 1767258300.5 },
    );
    expect(short({ events })).toEqual([
      'i1 user_speech 05:00.500',
      'i2 tool_call 05:00.500',
      'e3 tool_call 05:00.500',
      'e4 tool_result 05:00.500',
      'e5 bot_speech 05:00.500',
      'e6 bot_speech 05:00.500',
    ]);
    expect(events[2]?.replaces).toBe('i2');
  });

  it('Twilio: several calls in one list, digits, final states, a start that follows from the duration', async () => {
    const calls = convert('twilio', await sample('twilio'));
    expect(calls.map((call) => [call.session.sessionId.slice(-1), call.session.startedAt, call.end])).toEqual(
      [
        ['3', '2026-01-01T09:05:00.000Z', { status: 'completed', endedAt: '2026-01-01T09:05:31.000Z' }],
        ['4', '2026-01-01T09:05:21.454Z', undefined],
        ['5', '2026-01-01T09:06:31.000Z', { status: 'failed', endedAt: '2026-01-01T09:06:31.000Z' }],
      ],
    );
    expect(calls.flatMap(short)).toEqual([
      'turn-0001 system 05:00.000',
      'turn-0002 user_speech 05:00.000',
      'turn-0003 user_speech 05:00.000',
      'turn-0004 dtmf 05:00.000',
      'status-3 system 05:31.000',
      'GT1-2 user_speech 05:21.454',
      'status-2 system 06:31.000',
    ]);
    expect(calls[0]?.events[1]?.payload).toEqual((await sample('twilio'))[1]);
  });

  it('Twilio: a result of Gather by itself needs the token of its request', () => {
    const gather = { CallSid: 'CA1', CallStatus: 'in-progress', SpeechResult: 'Yes' };
    expect(() => fromTwilio(gather)).toThrow('idempotencyToken');
    const { events, end } = fromTwilio(gather, { idempotencyToken: 'token-1' });
    expect([events[0]?.eventId, events[0]?.timestamp, end]).toEqual(['token-1', undefined, undefined]);
    for (const status of ['busy', 'failed', 'no-answer', 'canceled', 'completed']) {
      const { end } = fromTwilio({ CallSid: 'CA1', CallStatus: status, SequenceNumber: '2' });
      expect(end?.status).toBe(status === 'completed' ? 'completed' : 'failed');
    }
    const interim = { CallSid: 'CA1', UnstableSpeechResult: 'Ye', SequenceNumber: '0' };
    expect(short(fromTwilio([interim, interim]))).toEqual([
      'turn-0001 system no time',
      'turn-0002 system no time',
    ]);
  });

  it('Contact Lens: offsets from a start that is elsewhere', async () => {
    const segments = await sample('contact-lens');
    const options = { sessionId: 'contact-1', startedAt: '2026-01-01T09:05:00Z' };
    const ids = [1, 2].map((number) => `00000000-0000-4000-8000-00000000000${number}`);
    expect(convert('contact-lens', segments, options).map(short)).toEqual([
      [`${ids[0]} agent_speech 05:00.757`, `${ids[1]} user_speech 05:02.467`],
    ]);
    const turns = segments[0].Segments.map(({ Transcript }: Json) => ({
      ...Transcript,
      ParticipantRole: undefined,
    }));
    const file = {
      CustomerMetadata: { ContactId: 'contact-2' },
      LanguageCode: 'fr-FR',
      Participants: [{ ParticipantId: 'CUSTOMER', ParticipantRole: 'CUSTOMER' }],
      Transcript: turns,
    };
    const [converted] = convert('contact-lens', file, { startedAt: options.startedAt });
    expect(converted).toMatchObject({
      session: { sessionId: 'contact-2', language: 'fr-FR' },
      end: { status: 'completed', endedAt: '2026-01-01T09:05:03.907Z' },
      events: [
        { type: 'agent_speech', payload: { text: 'Bonjour, je vous écoute.' } },
        { type: 'user_speech' },
      ],
    });
  });

  it('vCon: parties by index or list, bodies in any encoding', async () => {
    const vcon = await sample('vcon');
    vcon.dialog[1].parties = [1, 0];
    delete vcon.dialog[1].originator;
    vcon.dialog.push(
      {
        type: 'text',
        start: '2026-01-01T09:05:08Z',
        parties: [[0], [1]],
        body: 'w5xi',
        encoding: 'base64url',
      },
      { type: 'recording', start: '2026-01-01T09:05:00Z', parties: [0, 1], url: 'https://example.org/a.wav' },
    );
    vcon.analysis.push({ type: 'summary', vendor: 'x', body: 'A repair', encoding: 'none' });
    const converted = fromVcon(vcon);
    expect(short(converted)).toEqual([
      'turn-0001 agent_speech 05:01.000',
      'turn-0002 user_speech 05:04.000',
      'turn-0003 agent_speech 05:08.000',
      'turn-0004 system 05:00.000',
      'analysis[0] system 05:00.000',
    ]);
    expect(converted.events.map(({ payload }) => payload['text'])).toEqual([
      undefined,
      undefined,
      'Üb',
      undefined,
      undefined,
    ]);
    const missed = {
      ...vcon,
      dialog: [{ type: 'incomplete', start: vcon.created_at, disposition: 'no-answer' }],
    };
    expect(fromVcon(missed as never).end?.status).toBe('failed');
  });
});

describe('ends', () => {
  it.each([
    ['customer-ended-call', 'completed'],
    ['silence-timed-out', 'completed'],
    ['customer-busy', 'failed'],
    ['customer-did-not-answer', 'failed'],
    ['manually-canceled', 'failed'],
    ['call.in-progress.error-vapifault-openai-llm-failed', 'failed'],
  ])('of Vapi: %s is %s', (endedReason, status) => {
    expect(fromVapi({ id: 'c', endedReason }).end?.status).toBe(status);
  });

  it.each([
    [{ call_status: 'ongoing' }, undefined],
    [{ call_status: 'ended', disconnection_reason: 'agent_hangup' }, 'completed'],
    [{ call_status: 'not_connected', disconnection_reason: 'dial_no_answer' }, 'failed'],
    [{ call_status: 'ended', disconnection_reason: 'error_llm_websocket_runtime' }, 'failed'],
  ])('of Retell: %j is %s', (call, status) => {
    expect(fromRetell({ call_id: 'c', ...call }).end?.status).toBe(status);
  });

  it.each([
    [{ status: 'in-progress' }, undefined],
    [{ status: 'done' }, 'completed'],
    [{ status: 'failed' }, 'failed'],
    [{ failure_reason: 'busy' }, 'failed'],
  ])('of ElevenLabs: %j is %s', (conversation, status) => {
    expect(fromElevenLabs({ conversation_id: 'c', ...conversation }).end?.status).toBe(status);
  });
});

describe('what can not be converted', () => {
  it.each(FORMAT_NAMES)('%s: a sample of any other format is told from it', async (expected) => {
    for (const found of FORMAT_NAMES) {
      const input = await sample(found);
      expect(detectFormat(Array.isArray(input) ? input[0] : input)).toBe(found);
      if (found === expected) continue;
      expect(() => convert(expected, input, { sessionId: 'given' })).toThrow(/expected an? .+, found an? /);
    }
  });

  it.each([
    ['anything else', { a: 1, b: 2 }, 'expected a vCon, found something with the fields a, b'],
    ['no object', 7, 'expected a vCon, found 7'],
    ['an empty list', [], 'expected a vCon, found an empty list'],
  ])('%s', (_name, input, message) => {
    expect(() => convert('vcon', input)).toThrow(message);
  });

  it('names the place of a broken turn, and leaves it out on demand', async () => {
    const { message } = await sample('vapi');
    message.artifact.messages[3].time = 'noon';
    message.artifact.messages[1] = 'text';
    const place = 'artifact.messages[1]';
    expect(() => fromVapi(message)).toThrow(
      expect.objectContaining({ place, message: `${place} is not an object` }),
    );
    const { events, faults } = fromVapi(message, { lenient: true });
    expect(faults.map((fault) => fault.place)).toEqual([place, 'artifact.messages[3].time']);
    expect(faults[1]?.problem).toContain('"noon"');
    expect(short({ events })).toHaveLength(4);
    const [, second] = convert('vapi', [{ ...message, artifact: {} }, message], { lenient: true });
    expect(second?.faults[0]?.place).toBe('[1].artifact.messages[1]');
  });

  it('has no place for an id that is not there', () => {
    expect(() => fromLiveKit({ items: [] }, { lenient: true })).toThrow('has no id for the session');
    expect(() => fromVapi({ id: 'with space' })).toThrow('call.id');
    expect(() =>
      convert(
        'vcon',
        [
          { uuid: 'a', vcon: '1' },
          { uuid: 'b', vcon: '1' },
        ],
        { sessionId: 'one' },
      ),
    ).toThrow('2 conversations');
  });

  it('refuses a time that may mean several moments', () => {
    const dialog = (start: unknown) => ({
      uuid: 'v',
      created_at: '',
      parties: [],
      dialog: [{ type: 'text', start }],
    });
    for (const start of ['2026-01-01T09:05:00', '1767258300', -1, 1e14, true]) {
      expect(() => fromVcon(dialog(start))).toThrow('dialog[0].start');
    }
  });
});

describe('any input', () => {
  const LISTS: Readonly<Record<string, (items: unknown[]) => Json>> = {
    vapi: (messages) => ({ id: 's', orgId: 'o', artifact: { messages } }),
    retell: (turns) => ({ call_id: 's', transcript_with_tool_calls: turns }),
    livekit: (items) => ({ items }),
    vcon: (dialog) => ({ vcon: '0.4.0', uuid: 's', dialog }),
  };
  const key = fc.oneof(
    fc.constantFrom(
      'role',
      'time',
      'type',
      'id',
      'words',
      'start',
      'content',
      'created_at',
      'parties',
      'tool_call_id',
    ),
    fc.string(),
  );
  const item = fc.oneof(
    { weight: 5, arbitrary: fc.dictionary(key, fc.jsonValue()) },
    {
      weight: 3,
      arbitrary: fc.record({
        role: fc.constantFrom('user', 'bot', 'agent', 'other'),
        type: fc.constantFrom('message', 'text'),
      }),
    },
    { weight: 1, arbitrary: fc.jsonValue() },
  );

  it('becomes an event or a fault, one for each item, with ids of its own, and the same ones again', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(LISTS)), fc.array(item, { maxLength: 6 }), (name, items) => {
        const input = LISTS[name]?.(items);
        const options = { sessionId: 's', lenient: true };
        const [converted] = convert(name as FormatName, input, options);
        const { events = [], faults = [] } = converted ?? {};
        expect(events.length + faults.length).toBe(items.length);
        expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length);
        expect(convert(name as FormatName, input, options)).toEqual([converted]);
        if (faults.length === 0) return;
        expect(() => convert(name as FormatName, input, { sessionId: 's' })).toThrow(faults[0]?.place);
      }),
    );
  });

  it('says the same moment in seconds, in milliseconds and as a text', () => {
    const ms = 1767258300_500;
    const texts = ['2026-01-01T09:05:00.500Z', '2026-01-01 10:05:00.5+0100', '2026-01-01T03:35:00.500-05:30'];
    for (const created_at of [ms, ms / 1000, ms + 0.25, new Date(ms), ...texts]) {
      const items = [{ id: 'i', type: 'function_call', created_at }];
      const { events } = fromLiveKit({ items }, { sessionId: 's' });
      expect(events[0]?.timestamp).toBe('2026-01-01T09:05:00.500Z');
    }
  });
});
