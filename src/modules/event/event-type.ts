/** What an event is, or who it comes from: `agent_speech` is a human who took over from the bot. */
export const EVENT_TYPES = [
  'user_speech',
  'bot_speech',
  'agent_speech',
  'tool_call',
  'tool_result',
  'dtmf',
  'system',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];
