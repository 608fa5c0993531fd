import assert from 'node:assert/strict';
import { printEvent } from '../call.mjs';
import { dim, line } from '../terminal.mjs';

/** What was recorded: its end, late events, redaction, reading. */
export const keeping = [
  {
    title: 'It ends once',
    says: 'The first request ends a session; each later one gets the same response. What arrives after the end is kept, and marked.',
    async run({ client, call }) {
      const path = `/sessions/${call.session.sessionId}`;
      const ended = (await client.get(path)).body;
      const { headers, body } = await client.show('POST', `${path}/complete`, 200);
      assert.equal(headers.get('Idempotent-Replayed'), 'true');
      const { status, endedAt, finalSequence } = body;
      assert.deepEqual([status, endedAt, finalSequence], [ended.status, call.endedAt, call.events.length]);
      line(dim(`  ${status} at ${endedAt}, finalSequence ${finalSequence}`));
      line();
      await client.show('POST', `${path}/events`, 201, call.late);
      const query = `${path}/events?afterSequence=20`;
      client.showRequest('GET', query);
      const page = (await client.get(query)).body;
      for (const event of page.events) printEvent(event, call.session);
      assert.deepEqual(page.events.map(({ late }) => late), [false, false, true]); // oxfmt-ignore
      assert.deepEqual([page.endedAt, page.finalSequence], [endedAt, finalSequence]);
      return 'Stored and late; status, endedAt and finalSequence are what they were.';
    },
  },
  {
    title: 'Take back a card number',
    says: 'The caller said one aloud. Redaction takes the content away for good; place, ids and times stay.',
    async run({ client, call }) {
      const path = `/sessions/${call.session.sessionId}/events`;
      const one = `${path}/${call.cardId}`;
      const before = (await client.show('GET', one, 200)).body;
      printEvent(before, call.session);
      await client.show('DELETE', one, 204);
      const after = (await client.show('GET', one, 200)).body;
      printEvent(after, call.session);
      const { redactedAt, ...rest } = after;
      assert.ok(Date.parse(redactedAt) >= Date.parse(before.receivedAt));
      assert.deepEqual(rest, { ...before, payload: {} });
      line();
      const event = call.events.find(({ eventId }) => eventId === call.cardId);
      const again = await client.show('POST', path, 200, event);
      assert.equal(again.headers.get('Idempotent-Replayed'), 'true');
      assert.equal(again.headers.get('Idempotent-Mismatch'), 'true');
      assert.deepEqual(again.body.payload, {});
      return 'Gone, and a retry of the append does not bring it back.';
    },
  },
  {
    title: 'Read it page by page, while others write',
    says: 'Each page has the cursor of the next one. After each page of this walk somebody appends an event.',
    async run({ client }) {
      const sessionId = 'long-call';
      const path = `/sessions/${sessionId}`;
      await client.post('/sessions', { sessionId, language: 'en' });
      const eventOf = (n) => ({ eventId: `e-${n}`, type: 'system', payload: { n } });
      const events = Array.from({ length: 40 }, (_, index) => eventOf(index + 1));
      await client.post(`${path}/events/batch`, { events });

      const seen = [];
      let query = '?limit=15';
      for (let appended = 0; query; appended++) {
        client.showRequest('GET', path + query);
        const { events: page, pagination } = (await client.get(path + query)).body;
        const ids = page.map(({ eventId }) => eventId);
        seen.push(...ids);
        line(`→ ${ids.length} events, ${ids[0]} to ${ids.at(-1)}${pagination.hasMore ? '' : ': the end'}`);
        query = pagination.hasMore && `?limit=15&cursor=${pagination.nextCursor}`;
        await client.post(`${path}/events`, eventOf(41 + appended));
      }
      assert.equal(new Set(seen).size, seen.length);
      assert.deepEqual(events.map(({ eventId }) => eventId).filter((id) => !seen.includes(id)), []); // oxfmt-ignore
      return 'All 40 that were there at the start, each once, at the same cost a page.';
    },
  },
];
