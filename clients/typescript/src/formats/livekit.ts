import { type EventType } from '../types.js';
import { Conversation, type Converted, type ConvertOptions } from './conversation.js';
import * as read from './read.js';

/** A chat context, such as `session.history`: of Node.js agents, or as JSON of those in Python or Node.js. */
export interface LiveKitHistory {
  readonly items: readonly { readonly id: string; readonly type: string }[];
}

const TYPES: Readonly<Record<string, EventType>> = {
  'message user': 'user_speech',
  'message assistant': 'bot_speech',
  function_call: 'tool_call',
  function_call_output: 'tool_result',
};

/**
 * Converts the history of a LiveKit agent's session, or some items of it as they come. It has neither an id nor an end of
 * its own: see `sessionId` and `ended`.
 *
 * @throws FormatError
 */
export function fromLiveKit(input: LiveKitHistory, options: ConvertOptions = {}): Converted {
  const conversation = new Conversation(options);
  // Instances of LiveKit's classes become JSON by their own means, when they are sent.
  conversation.each(input.items, 'items', (payload, place) => {
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
