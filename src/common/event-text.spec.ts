import { describe, expect, it } from '@jest/globals';
import { currentTurns, lineOf, REDACTED, saidIn, textOf } from './event-text.js';

const said = (payload: Record<string, unknown>) => textOf({ payload });

describe('the text of an event', () => {
  it.each([
    ['our own convention', { text: 'Hello', confidence: 0.9 }],
    ['Vapi, ElevenLabs', { role: 'bot', message: 'Hello', time: 1767258300620, source: '' }],
    ['Retell', { role: 'agent', content: 'Hello', words: [{ word: 'Hello', start: 0.7, end: 1.3 }] }],
    ['LiveKit', { type: 'message', role: 'user', content: ['Hello'], interrupted: false }],
    ['parts with a text', { role: 'user', content: [{ type: 'output_text', text: 'Hello' }] }],
    ['OpenAI Realtime', { type: 'response.output_audio_transcript.done', transcript: 'Hello' }],
    ['OpenAI Realtime, an item', { item: { content: [{ type: 'input_audio', transcript: 'Hello' }] } }],
    ['OpenAI Realtime, a part', { type: 'response.output_audio_transcript.delta', delta: 'Hello' }],
    ['Twilio Gather', { SpeechResult: 'Hello', Confidence: '0.9127' }],
    ['Twilio transcription', { TranscriptionData: '{"transcript":"Hello","confidence":0.9956}' }],
    ['Contact Lens', { Transcript: { ParticipantRole: 'AGENT', Content: 'Hello', Sentiment: 'NEUTRAL' } }],
    ['vCon', { type: 'text', parties: 0, mediatype: 'text/plain', body: 'Hello', encoding: 'none' }],
  ])('is found in the shape of %s', (_provider, payload) => {
    expect(said(payload)).toBe('Hello');
  });

  it('puts several parts on lines of their own, and leaves out what is not text', () => {
    expect(said({ content: ['One', { type: 'image' }, { text: 'two' }, 3, null] })).toBe('One\ntwo');
  });

  it('is the first field that has one, and its name is told', () => {
    expect(saidIn({ content: 'b', text: '', message: 'a' })).toEqual({ field: 'message', text: 'a' });
  });

  it.each([
    {},
    { text: '' },
    { text: 5 },
    { content: [] },
    { Transcript: 'x', item: null },
    { item: { content: [{ type: 'input_audio', transcript: null }] } },
    { TranscriptionData: '{"transcript":' },
  ])('is not there in %j', (payload) => {
    expect(said(payload)).toBeUndefined();
  });
});

describe('an event in one line', () => {
  const line = (type: string, payload: Record<string, unknown>) => lineOf({ type, payload });

  it.each([
    [
      'plain',
      { name: 'find', arguments: { phone: '+44', deep: { a: [1] } } },
      'find(phone: +44, deep: {"a":[1]})',
    ],
    [
      'LiveKit',
      { type: 'function_call', name: 'get_weather', arguments: '{"city":"Oslo"}' },
      'get_weather(city: Oslo)',
    ],
    [
      'Vapi',
      {
        role: 'tool_calls',
        toolCalls: [
          { id: 'a', function: { name: 'find', arguments: '{"id":7}' } },
          { function: { name: 'end' } },
        ],
      },
      'find(id: 7), end()',
    ],
    [
      'ElevenLabs',
      {
        message: 'One moment.',
        tool_calls: [{ request_id: 'r', tool_name: 'list', params_as_json: '{"day":"friday"}' }],
      },
      'list(day: friday)',
    ],
    [
      'OpenAI Realtime',
      { type: 'response.function_call_arguments.done', name: 'find', arguments: '{"id":7}' },
      'find(id: 7)',
    ],
    ['arguments that are no JSON', { name: 'find', arguments: '{"id":' }, 'find({"id":)'],
  ])('shows a call of a tool in the shape of %s', (_provider, payload, expected) => {
    expect(line('tool_call', payload)).toBe(expected);
  });

  it.each([
    ['plain', { name: 'find', result: { ok: true, at: '20:00' } }, 'ok: true, at: 20:00'],
    [
      'Retell',
      { role: 'tool_call_result', tool_call_id: 'b', content: '{"ok":true}', successful: true },
      'ok: true',
    ],
    ['Vapi', { role: 'tool_call_result', name: 'find', toolCallId: 'a', result: 'Ready.' }, 'Ready.'],
    ['LiveKit', { type: 'function_call_output', call_id: 'c', output: 'Rain', is_error: false }, 'Rain'],
    [
      'ElevenLabs',
      { tool_results: [{ tool_name: 'list', result_value: 'two slots', is_error: false }] },
      'two slots',
    ],
    [
      'OpenAI Realtime',
      { item: { type: 'function_call_output', call_id: 'd', output: '{"id":7}' } },
      'id: 7',
    ],
  ])('shows a result in the shape of %s', (_provider, payload, expected) => {
    expect(line('tool_result', payload)).toBe(expected);
  });

  it('shows keys that were pressed, hand-overs and other events of the system', () => {
    expect(line('dtmf', { digits: '12#' })).toBe('12#');
    expect(line('dtmf', { Digits: '1', CallStatus: 'in-progress' })).toBe('1');
    expect(line('system', { type: 'agent_handoff', old_agent_id: 'intake', new_agent_id: 'weather' })).toBe(
      'agent handoff · old_agent_id: intake · new_agent_id: weather',
    );
    expect(line('system', { event: 'silence', durationMs: 21_400, detail: {} })).toBe(
      'silence · durationMs: 21400',
    );
    expect(line('system', {})).toBe('');
  });

  it('cuts long values, and says that a text was redacted', () => {
    expect(line('tool_call', { name: 'f', arguments: { a: 'x'.repeat(500) } })).toBe(
      `f(a: ${'x'.repeat(80)}…)`,
    );
    expect(lineOf({ type: 'user_speech', payload: {}, redactedAt: '2026-01-01T00:00:00.000Z' })).toBe(
      REDACTED,
    );
  });
});

describe('turns that replace each other', () => {
  const turnsOf = (...replaces: (string | undefined)[]) => {
    const events = replaces.map((id, index) => ({
      eventId: `e${index + 1}`,
      sequence: index + 1,
      ...(id !== undefined && { replaces: id }),
    }));
    return currentTurns(events).map(({ event, replaced }) =>
      [event, ...replaced].map(({ eventId }) => eventId),
    );
  };

  it('shows the newest at the place of the first, along a chain and at a fork', () => {
    expect(turnsOf(undefined, undefined, 'e1', 'e3', undefined)).toEqual([
      ['e4', 'e1', 'e3'],
      ['e2'],
      ['e5'],
    ]);
    expect(turnsOf(undefined, 'e1', 'e1')).toEqual([['e3', 'e1', 'e2']]);
  });

  it('shows one that replaces what is not there, or comes before what it replaces', () => {
    expect(turnsOf('missing', undefined)).toEqual([['e1'], ['e2']]);
    expect(turnsOf('e2', undefined, undefined)).toEqual([['e1', 'e2'], ['e3']]);
  });

  it('follows a chain of 100,000 without walking along it for each of its events', () => {
    const events = Array.from({ length: 100_000 }, (_, n) => ({
      eventId: `e${n}`,
      sequence: n + 1,
      replaces: `e${n - 1}`,
    }));

    const [turn, ...others] = currentTurns(events);

    expect([turn?.event.eventId, turn?.replaced.length, others]).toEqual(['e99999', 99_999, []]);
  });

  it('shows each of a circle once', () => {
    expect(turnsOf('e2', 'e1', 'e1', 'e4')).toEqual([['e1'], ['e2'], ['e3'], ['e4']]);
  });
});
