// webhooks.mjs: for Vapi's and Retell's webhooks, at /vapi and /retell
import { json } from 'node:stream/consumers';
import { fromRetell, fromVapi } from 'conversation-session-client/formats';

/** @returns a listener for node:http; check the sender before, as the provider describes it */
export function webhookRecorder(client) {
  return async (request, response) => {
    try {
      const recording = recordingOf(request.url, await json(request));
      if (recording) await client.record(recording);
      response.writeHead(204).end();
    } catch (error) {
      console.error(error);
      response.writeHead(500).end(); // it comes again
    }
  };
}

function recordingOf(path, body) {
  if (path === '/vapi' && body.message.type === 'end-of-call-report') return fromVapi(body);
  if (path === '/retell' && ['call_ended', 'call_analyzed'].includes(body.event)) return fromRetell(body);
  return undefined; // what is told while the call goes on
}
