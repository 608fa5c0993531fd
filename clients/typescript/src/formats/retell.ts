import { type EventType } from '../types.js';
import { Conversation, type Converted, type ConvertOptions } from './conversation.js';
import * as read from './read.js';

const TYPES: Readonly<Record<string, EventType>> = {
  user: 'user_speech',
  agent: 'bot_speech',
  transfer_target: 'agent_speech', // the human whom the call was transferred to
  tool_call_invocation: 'tool_call',
  tool_call_result: 'tool_result',
  dtmf: 'dtmf',
};

/** The transcripts that a call may have, the richest first. */
const TRANSCRIPTS = [
  'transcript_with_tool_calls',
  'scrubbed_transcript_with_tool_calls',
  'transcript_object',
];

const UNDER_WAY = ['registered', 'ongoing'];
const FAILED =
  /^not_connected|error|dial_|invalid|denied|unavailable|declined|no_concurrency|no_valid|limit_reached|spam|scam|cancelled|call_timeout/;

/** Converts Retell's webhook about a call, or a call as `GET /v2/get-call/:id` answers it. @throws FormatError */
export function fromRetell(input: unknown, options: ConvertOptions = {}): Converted {
  const call = read.fields(read.fields(input).call ?? input);
  const conversation = new Conversation(options, call.start_timestamp, 'start_timestamp');
  const transcript = TRANSCRIPTS.find((name) => call[name]) ?? '';
  conversation.each(call[transcript], transcript, (turn, place) => {
    const role = read.text(turn.role, `${place}.role`);
    const word = read.fields(read.list(turn.words, `${place}.words`)[0]);
    const { tool_call_id: id = '' } = turn;
    return {
      id: id && role === 'tool_call_result' ? `${id as string}-result` : id,
      type: TYPES[role] ?? 'system',
      payload: turn,
      time:
        conversation.after(word.start, `${place}.words[0].start`) ??
        conversation.after(turn.time_sec, `${place}.time_sec`),
    };
  });
  const { call_status, disconnection_reason: endedReason, from_number: from, to_number: to } = call;
  const failed = FAILED.test(`${String(call_status)} ${String(endedReason)}`);
  return conversation.finish('call_id', {
    sessionId: call.call_id,
    endedAt: conversation.try(() => read.time(call.end_timestamp, 'end_timestamp')),
    status: UNDER_WAY.includes(String(call_status)) ? undefined : failed ? 'failed' : 'completed',
    metadata: { provider: 'retell', from, to, endedReason, ...read.fields(call.metadata) },
  });
}
