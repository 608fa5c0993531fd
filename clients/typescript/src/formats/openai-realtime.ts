import { Conversation, type Converted, type ConvertOptions, type Turn } from './conversation.js';
import * as read from './read.js';

/** A bot's turn when it has said it; in older versions of the API by the older names. */
const BOT_SAID = /^response\.(output_)?(audio_transcript|text)\.done$/;
const ITEM_CREATED = /^conversation\.item\.(added|created)$/;

/**
 * Converts server events of one session of OpenAI's Realtime API: all of them, or one by one as they come. They have no times: see `startedAt`, by
 * default the service's clock. The session's id is that in `session.created`, or given.
 *
 * Deltas are left out. A user's item comes when the user has spoken and its transcript later, as a tool call does without
 * and with its name: the later one replaces the earlier.
 *
 * @throws FormatError
 */
export function fromOpenAIRealtime(input: readonly unknown[], options: ConvertOptions = {}): Converted {
  const conversation = new Conversation(options);
  conversation.each(input, '', (event, place) => {
    const type = read.text(event.type, `${place}.type`);
    if (type.endsWith('.delta')) return [];
    return { id: event.event_id, payload: event, ...turnOf(type, event, read.fields(event.item)) };
  });
  const created = input.find((event) => read.fields(event).type === 'session.created');
  const { id: sessionId, model } = read.fields(read.fields(created).session);
  const metadata = { provider: 'openai-realtime', model };
  return conversation.finish('session.created', { sessionId, metadata });
}

function turnOf(type: string, event: read.Fields, item: read.Fields): Omit<Turn, 'payload'> {
  if (BOT_SAID.test(type)) return { type: 'bot_speech' };
  if (ITEM_CREATED.test(type) && item.role === 'user') return { id: item.id, type: 'user_speech' };
  if (ITEM_CREATED.test(type) && item.type === 'function_call_output') return { type: 'tool_result' };
  if (type === 'conversation.item.input_audio_transcription.completed') {
    return { type: 'user_speech', replaces: event.content_index ? undefined : event.item_id };
  }
  if (type === 'response.function_call_arguments.done') return { id: event.item_id, type: 'tool_call' };
  if (type === 'response.output_item.done' && item.type === 'function_call') {
    return { type: 'tool_call', replaces: item.id };
  }
  return { type: 'system' };
}
