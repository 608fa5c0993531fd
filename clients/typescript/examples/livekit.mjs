// livekit.mjs: for an agent of LiveKit
import { fromLiveKit } from 'conversation-session-client/formats';

/**
 * Stores what happens in an AgentSession one after the other, while it goes on.
 *
 * @returns a promise for the end, which is rejected if something could not be stored
 */
export function recordLiveKit(client, sessionId, agentSession) {
  let work = Promise.resolve();
  const store = (items, ended) => {
    const recording = fromLiveKit({ items }, { sessionId, ended });
    work = work.then(() => client.record(recording));
    work.catch(() => undefined); // told at the end
  };
  agentSession.on('conversation_item_added', ({ item }) => store([item])); // what was said, and hand-offs
  agentSession.on('function_tools_executed', ({ functionCalls, functionCallOutputs }) =>
    store([...functionCalls, ...functionCallOutputs]),
  );
  return new Promise((resolve, reject) => {
    agentSession.on('close', ({ error }) => {
      store([], error ? 'failed' : 'completed');
      work.then(resolve, reject);
    });
  });
}
