export { ConversationClient } from './client.js';
export { NoAnswerError, ServiceError } from './errors.js';
export type * from './types.js';
