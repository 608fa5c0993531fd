import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { createEventSource } from 'eventsource-client';
import { printEvent } from '../call.mjs';
import { cut, dim, fields, line, paint, WIDTH } from '../terminal.mjs';

/** The events that are recorded before somebody follows the call. */
const FIRST = 10;
/** The events recorded before it is followed, before the follower's connection is cut, and before it is there again. */
const [RECORDED, CUT_AT, RESUMED_AT] = [FIRST + 1, 16, 18];

/** Recording a call: creating it, appending to it, retrying, following. */
export const recording = [
  {
    title: 'Create a session',
    says: 'A session is one conversation, here a phone call. The client chooses its id.',
    async run({ client, call }) {
      const { headers, body } = await client.show('POST', '/sessions', 201, call.session);
      assert.equal(headers.get('Location'), `/sessions/${call.session.sessionId}`);
      assert.deepEqual(body, { ...call.session, status: 'initiated', endedAt: null, finalSequence: null });
      fields(body);
      return 'Created as it was sent.';
    },
  },
  {
    title: 'Record what is said',
    says: 'Events are what happens in it. Each gets its sequence, its place in the log.',
    async run({ client, call, pace }) {
      const path = `/sessions/${call.session.sessionId}/events`;
      client.showRequest('POST', path, call.events[0]);
      line('→ 201 Created, and the next ones:');
      for (const event of call.events.slice(0, FIRST)) {
        await pause(pace / 3);
        const { body } = await client.post(path, event);
        const { sequence, receivedAt: _receivedAt, sessionId: _sessionId, ...sent } = body;
        assert.deepEqual(sent, event);
        assert.equal(sequence, call.events.indexOf(event) + 1);
        printEvent(body, call.session);
      }
      return 'Ten events without a gap; a final transcript replaces an interim one.';
    },
  },
  {
    title: 'Send it again',
    says: 'A client that saw no response sends its request again: nothing happens twice. Here a key that the caller has pressed was stored already.',
    async run({ client, call }) {
      const path = `/sessions/${call.session.sessionId}/events`;
      const event = call.events[FIRST];
      const first = await client.post(path, event);
      const again = await client.show('POST', path, 200, event);
      assert.equal(again.headers.get('Idempotent-Replayed'), 'true');
      assert.deepEqual(again.body, first.body);

      const other = { ...event, payload: { digits: '2' } };
      const differing = await client.show('POST', path, 200, other);
      assert.equal(differing.headers.get('Idempotent-Mismatch'), 'true');
      assert.deepEqual(differing.body, first.body);

      const strict = await client.show('POST', path, 409, other, { Prefer: 'handling=strict' });
      assert.equal(strict.body.code, 'EVENT_CONFLICT');
      line(dim(cut(`  ${strict.body.message}`, WIDTH - 4)));
      return 'Stored once. Who wants an error for other content asks for it.';
    },
  },
  {
    title: 'Follow the call as it happens',
    says: 'One client listens (server-sent events, as in a browser), another records.',
    async run({ client, call, pace }) {
      const path = `/sessions/${call.session.sessionId}`;
      const url = `${client.origin}${path}/events/stream?afterSequence=${RECORDED}`;
      client.showRequest('GET', url.slice(client.origin.length), undefined, {}, '-N');
      const [first, missed, rest] = [[RECORDED, CUT_AT], [CUT_AT, RESUMED_AT], [RESUMED_AT]].map((part) => call.events.slice(...part)); // oxfmt-ignore
      const record = async (events) => {
        for (const event of events) {
          await pause(pace);
          await client.post(`${path}/events`, event);
        }
      };
      const heard = [];
      const hear = async (messages, count) => {
        while (count-- > 0) {
          const event = JSON.parse((await messages.next()).value.data);
          printEvent(event, call.session);
          heard.push(event.eventId);
        }
      };

      let stream = createEventSource(url);
      let messages = stream[Symbol.asyncIterator]();
      await Promise.all([record(first), hear(messages, first.length)]);
      stream.close();
      line(
        paint('yellow', `     a cut, and the call goes on; connected again with Last-Event-ID: ${CUT_AT}`),
      );
      await record(missed);
      stream = createEventSource({ url, initialLastEventId: String(CUT_AT) });
      messages = stream[Symbol.asyncIterator]();
      await Promise.all([record(rest), hear(messages, missed.length + rest.length)]);
      const { body } = await client.post(`${path}/complete`, { endedAt: call.endedAt }, 200);
      const last = (await messages.next()).value;
      stream.close();
      assert.deepEqual([last.event, JSON.parse(last.data)], ['session', body]);
      assert.deepEqual(heard, [...first, ...missed, ...rest].map(({ eventId }) => eventId)); // oxfmt-ignore
      line(dim(`     the session is ${body.status}, with ${body.finalSequence} events, and the stream ends`));
      return 'Each event once and in order, in spite of the cut. A page does the same.';
    },
  },
];
