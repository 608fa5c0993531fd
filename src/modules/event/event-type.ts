/** Who or what an event comes from. */
export const EVENT_TYPES = ['user_speech', 'bot_speech', 'system'] as const;
export type EventType = (typeof EVENT_TYPES)[number];
