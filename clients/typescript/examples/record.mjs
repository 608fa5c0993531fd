// record.mjs: run it with node record.mjs
import { ConversationClient } from 'conversation-session-client';

const client = new ConversationClient({ baseUrl: 'http://localhost:3000' });
await client.createSession({ sessionId: 'call-from-node', language: 'en-GB' });
await client.append('call-from-node', {
  eventId: 'turn-1', // the same whenever this is run: nothing is doubled
  type: 'user_speech',
  payload: { text: 'My line is dead.' },
});
await client.complete('call-from-node');

for await (const { events } of client.read('call-from-node')) {
  for (const { sequence, payload } of events) console.log(sequence, payload.text);
}
