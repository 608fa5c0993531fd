export { ConversationClient } from './client.js';
export { MismatchError, NoAnswerError, ServiceError, UnreadableError } from './errors.js';
export type * from './types.js';
