// What is measured. Each scenario prepares a target and then says what request comes next.
const SPEECH = { text: 'Hello, I have a question about my last bill.', confidence: 0.93, durationMs: 2140 };
const METADATA = { caller: '+44 20 7946 0000', queue: 'billing' };
const HEADERS = { 'Content-Type': 'application/json' };

const post = (path, body) => ({
  method: 'POST',
  path,
  ...(body && { headers: HEADERS, body: JSON.stringify(body) }),
});
const get = (path) => ({ method: 'GET', path });

let unique = 0;
const fresh = (prefix) => `${prefix}-${Date.now().toString(36)}-${unique++}`;
const session = (sessionId) => ({ sessionId, language: 'en-GB', metadata: METADATA });
const event = (eventId) => ({ eventId, type: 'user_speech', payload: SPEECH });

async function createSessions(target, count, prefix = fresh('s')) {
  const ids = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  for (let start = 0; start < count; start += 50) {
    await Promise.all(
      ids.slice(start, start + 50).map((id) => target.send('POST', '/sessions', session(id))),
    );
  }
  return ids;
}

async function appendAll(target, sessionId, count) {
  for (let start = 0; start < count; start += 50) {
    const ids = Array.from({ length: Math.min(50, count - start) }, (_, index) => `e-${start + index}`);
    await Promise.all(ids.map((id) => target.send('POST', `/sessions/${sessionId}/events`, event(id))));
  }
}

/** Fills a session straight through the store: a million requests would take the morning. */
export async function loadSession(target, size) {
  const sessionId = fresh(`size-${size}`);
  await target.send('POST', '/sessions', { ...session(sessionId), status: 'active' });
  await target.withEvents(async (events) => {
    const start = Date.parse('2026-03-01T12:00:00Z');
    for (let first = 1; first <= size; first += 5000) {
      const batch = Array.from({ length: Math.min(5000, size - first + 1) }, (_, index) => {
        const sequence = first + index;
        const timestamp = new Date(start + sequence * 40);
        return { sessionId, ...event(`e-${sequence}`), sequence, timestamp, receivedAt: timestamp };
      });
      await events.insertMany(batch);
    }
  });
  return sessionId;
}

/** @type {Record<string, { connections?: number, targets?: string[], prepare: (target: any) => Promise<() => object> }>} */
export const scenarios = {
  create: {
    prepare: async () => () => post('/sessions', session(fresh('c'))),
  },
  'create replayed': {
    prepare: async (target) => {
      const ids = await createSessions(target, 100);
      let next = 0;
      return () => post('/sessions', session(ids[next++ % ids.length]));
    },
  },
  append: {
    prepare: async (target) => {
      const ids = await createSessions(target, 1000);
      let next = 0;
      return () => post(`/sessions/${ids[next++ % ids.length]}/events`, event(fresh('e')));
    },
  },
  'append, one hot session': {
    connections: 64,
    targets: ['service'],
    prepare: async (target) => {
      const [id] = await createSessions(target, 1);
      return () => post(`/sessions/${id}/events`, event(fresh('e')));
    },
  },
  'append replayed': {
    prepare: async (target) => {
      const ids = await createSessions(target, 100);
      for (const id of ids) await target.send('POST', `/sessions/${id}/events`, event('e-0'));
      let next = 0;
      return () => post(`/sessions/${ids[next++ % ids.length]}/events`, event('e-0'));
    },
  },
  'read 20 of 1,000': {
    prepare: async (target) => {
      const [id] = await createSessions(target, 1);
      await appendAll(target, id, 1000);
      return () => get(`/sessions/${id}`);
    },
  },
  complete: {
    prepare: async (target) => {
      const ids = await createSessions(target, 40_000);
      let next = 0;
      return () => post(`/sessions/${ids[next++ % ids.length]}/complete`);
    },
  },
  mix: {
    prepare: async (target) => {
      const ids = await createSessions(target, 1000);
      let turn = 0;
      let next = 0;
      const open = [...(await createSessions(target, 5000))];
      return () => {
        const step = turn++ % 14;
        if (step < 10) return post(`/sessions/${ids[next++ % ids.length]}/events`, event(fresh('e')));
        if (step < 12) return get(`/sessions/${ids[next++ % ids.length]}`);
        if (step === 12) return post('/sessions', session(fresh('m')));
        return post(`/sessions/${open[turn % open.length]}/complete`);
      };
    },
  },
  'append, one connection': {
    connections: 1,
    prepare: async (target) => {
      const [id] = await createSessions(target, 1);
      return () => post(`/sessions/${id}/events`, event(fresh('e')));
    },
  },
};
