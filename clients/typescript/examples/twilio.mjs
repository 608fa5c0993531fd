// twilio.mjs: for the URLs that Twilio asks during a call, and those of its status callbacks and transcriptions
import { text } from 'node:stream/consumers';
import { fromTwilio } from 'conversation-session-client/formats';

/**
 * @param answer gives the TwiML for a form
 * @param isGenuine whether it comes from Twilio: see validateRequest of its package
 * @returns a listener for node:http
 */
export function twilioRecorder(client, answer, isGenuine) {
  return async (request, response) => {
    try {
      const form = Object.fromEntries(new URLSearchParams(await text(request)));
      if (!isGenuine(request, form)) return response.writeHead(403).end();
      const idempotencyToken = request.headers['i-twilio-idempotency-token'];
      await client.record(fromTwilio(form, { idempotencyToken, language: 'en-US' }));
      response.writeHead(200, { 'Content-Type': 'text/xml' }).end(answer(form));
    } catch (error) {
      console.error(error);
      response.writeHead(500).end(); // where retries are set up (#rc=2&rp=all), it comes again
    }
  };
}
