import { type EventType } from '../types.js';
import { Conversation, type Converted, type ConvertOptions } from './conversation.js';
import * as read from './read.js';

const TYPES: Readonly<Record<string, EventType>> = {
  user: 'user_speech',
  bot: 'bot_speech',
  assistant: 'bot_speech',
  tool_calls: 'tool_call',
  tool_call_result: 'tool_result',
};

/** Reasons for an end without a conversation, or in the middle of one; by all others a conversation is over. */
const FAILED =
  /error|fail|busy|no-answer|did-not|cancel|reject|not-found|not-valid|invalid|no-assistant|misdialed|join-timed-out|no-call|deleted|before-call-connect|shutdown|closed-websocket/;

/** Converts Vapi's end-of-call report, with or without its envelope, or a call as `GET /call/:id` answers it. @throws FormatError */
export function fromVapi(input: unknown, options: ConvertOptions = {}): Converted {
  const report = read.fields(read.fields(input).message ?? input);
  const call = 'call' in report ? read.fields(report.call) : report;
  const field = (name: string) => report[name] ?? call[name];
  const conversation = new Conversation(options, field('startedAt'));
  const { messages } = read.fields(report.artifact);
  conversation.each(messages, 'artifact.messages', (message, place) => ({
    type: TYPES[read.text(message.role, `${place}.role`)] ?? 'system',
    payload: message,
    time:
      read.time(message.time, `${place}.time`) ??
      conversation.after(message.secondsFromStart, `${place}.secondsFromStart`),
  }));
  const reason = field('endedReason');
  return conversation.finish('call.id', {
    sessionId: call.id,
    endedAt: conversation.try(() => read.time(field('endedAt'), 'endedAt')),
    status: typeof reason !== 'string' ? undefined : FAILED.test(reason) ? 'failed' : 'completed',
    metadata: { provider: 'vapi', from: read.fields(call.customer).number, endedReason: reason },
  });
}
