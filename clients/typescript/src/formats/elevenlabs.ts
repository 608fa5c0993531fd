import { Conversation, type Converted, type ConvertOptions, type Turn } from './conversation.js';
import * as read from './read.js';

/** Converts ElevenLabs' webhook after a call, or a conversation as its API answers it. @throws FormatError */
export function fromElevenLabs(input: unknown, options: ConvertOptions = {}): Converted {
  const data = read.fields(read.fields(input).data ?? input);
  const {
    start_time_unix_secs: start,
    call_duration_secs: duration,
    ...metadata
  } = read.fields(data.metadata);
  const conversation = new Conversation(options, start, 'metadata.start_time_unix_secs');
  conversation.each(data.transcript, 'transcript', (turn, place) => {
    const time = conversation.after(turn.time_in_call_secs, `${place}.time_in_call_secs`);
    const tools = (name: 'tool_calls' | 'tool_results'): Turn[] =>
      read.list(turn[name], `${place}.${name}`).map((tool, index) => {
        const payload = read.object(tool, `${place}.${name}[${index}]`);
        const id = payload.request_id;
        if (name === 'tool_calls') return { id, type: 'tool_call', payload, time };
        return { id: id && `${id as string}-result`, type: 'tool_result', payload, time };
      });
    const used = [...tools('tool_calls'), ...tools('tool_results')];
    if (!turn.message && used.length > 0) return used;
    const speech = read.text(turn.role, `${place}.role`) === 'user' ? 'user_speech' : 'bot_speech';
    return [{ id: turn.id, type: turn.message ? speech : 'system', payload: turn, time }, ...used];
  });
  const { status, failure_reason: failure } = data; // a call that did not come about has a reason and no status
  const isUnderWay = status === 'initiated' || status === 'in-progress';
  return conversation.finish('conversation_id', {
    sessionId: data.conversation_id,
    language: metadata.main_language,
    endedAt: conversation.try(() => conversation.after(duration, 'metadata.call_duration_secs')),
    status: isUnderWay ? undefined : status === 'failed' || failure ? 'failed' : 'completed',
    metadata: { provider: 'elevenlabs', endedReason: metadata.termination_reason ?? failure },
  });
}
