import { type EventType } from '../types.js';
import { Conversation, type Converted, type ConvertOptions } from './conversation.js';
import * as read from './read.js';

const TYPES: Readonly<Record<string, EventType>> = {
  'message user': 'user_speech',
  'message assistant': 'bot_speech',
  function_call: 'tool_call',
  function_call_output: 'tool_result',
};

/**
 * Converts a chat context, such as the `session.history` of a LiveKit agent, or `{ items }` with some of them as they come. It has neither an id nor an end of
 * its own: see `sessionId` and `ended`.
 *
 * @throws FormatError
 */
export function fromLiveKit(input: unknown, options: ConvertOptions = {}): Converted {
  const conversation = new Conversation(options);
  // Instances of LiveKit's classes become JSON by their own means, when they are sent.
  conversation.each(read.fields(input).items, 'items', (payload, place) => {
    const kind = read.text(payload.type, `${place}.type`);
    const role = kind === 'message' ? ` ${read.text(payload.role, `${place}.role`)}` : '';
    return {
      id: payload.id,
      type: TYPES[kind + role] ?? 'system',
      payload,
      time: // Python's is in seconds
        read.time(payload.created_at, `${place}.created_at`) ??
        read.time(payload.createdAt, `${place}.createdAt`),
    };
  });
  return conversation.finish('The history', { metadata: { provider: 'livekit' } });
}
