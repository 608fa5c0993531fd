import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ConversationClient, NoAnswerError, type Outcome } from '../src/index.js';
import { TcpProxy } from '../../../test/support/tcp-proxy.js';
import { freePort } from '../../../test/support/ports.js';
import { onStore, startProcess, type ServiceProcess } from '../../../test/support/processes.js';
import { newId, upTo } from '../../../test/support/samples.js';
import { makeStore, type TestStore } from '../../../test/support/store.js';
import { until } from '../../../test/support/until.js';

const say = (text: string) => ({ type: 'user_speech' as const, payload: { text } });

let store: TestStore;
let port: number;
let service: ServiceProcess;
let proxy: TcpProxy;
let client: ConversationClient;
const start = async () => {
  service = await startProcess({ ...onStore(store), PORT: String(port) });
};
beforeAll(async () => {
  store = await makeStore();
  const [own, proxied] = [await freePort(), await freePort()];
  port = own;
  await start();
  proxy = new TcpProxy(proxied, { host: '127.0.0.1', port });
  await proxy.listen();
  client = new ConversationClient({ baseUrl: `http://127.0.0.1:${proxied}` });
});
afterEach(() => {
  proxy.set('pass');
});
afterAll(async () => {
  await proxy.close();
  await service.stop();
  await store.remove();
});

async function newSession(): Promise<string> {
  const sessionId = newId();
  await client.createSession({ sessionId, language: 'en' });
  return sessionId;
}

async function textsOf(sessionId: string, limit = 100): Promise<unknown[]> {
  const texts: unknown[] = [];
  for await (const { events } of client.read(sessionId, { limit })) {
    texts.push(...events.map(({ payload }) => payload['text']));
  }
  return texts;
}

describe('the client', () => {
  it('supports everything that the service does', async () => {
    const sessionId = await newSession();
    const said: Outcome = await client.append(sessionId, say('1'));
    const results = await client.appendBatch(sessionId, [say('2'), { ...say('3'), eventId: 'three' }]);
    const patched = await client.patch(sessionId, { metadata: { rating: 5 } });
    const { session, replayed } = await client.complete(sessionId, { status: 'failed' });
    const pages = [];
    for await (const page of client.read(sessionId, { limit: 2 })) pages.push(page.events.length);
    const listed: string[] = [];
    for await (const { sessions } of client.list({ status: 'failed', from: session.startedAt })) {
      listed.push(...sessions.map((each) => each.sessionId));
    }

    expect(said).toMatchObject({ replayed: false, mismatch: false, event: { sequence: 1 } });
    expect(results.map(({ event }) => event.sequence)).toEqual([2, 3]);
    expect(patched.metadata).toEqual({ rating: 5 });
    expect([session.status, session.finalSequence, replayed]).toEqual(['failed', 3, false]);
    expect(pages).toEqual([2, 1]);
    expect(listed).toContain(sessionId);
    await client.delete(sessionId);
    await expect(client.append(sessionId, say('4'))).rejects.toMatchObject({
      status: 410,
      code: 'SESSION_DELETED',
    });
  });

  it('reports replays, and throws at once on differing ones unless they are to be returned', async () => {
    const sessionId = await newSession();
    const event = { ...say('Hello'), eventId: 'e1' };
    await client.append(sessionId, event);
    const other = { ...say('Bye'), eventId: 'e1' };

    expect(await client.append(sessionId, event)).toMatchObject({ replayed: true, mismatch: false });
    const stored = [{ eventId: 'e1', payload: { text: 'Hello' } }];
    await expect(client.append(sessionId, other)).rejects.toMatchObject({ name: 'MismatchError', stored });
    await expect(client.appendBatch(sessionId, [say('New'), other])).rejects.toMatchObject({ stored });
    const same = { sessionId, language: 'en' };
    expect(await client.createSession(same)).toMatchObject({ replayed: true, mismatch: false });
    await expect(client.createSession({ ...same, language: 'de' })).rejects.toThrow(sessionId);

    const onMismatch = 'return';
    expect(await client.append(sessionId, other, { onMismatch })).toMatchObject({ mismatch: true });
    expect(await client.createSession({ ...same, language: 'de' }, { onMismatch })).toMatchObject({
      mismatch: true,
      session: { language: 'en' },
    });
    expect(await textsOf(sessionId)).toEqual(['Hello', 'New']);
  });

  it('gives up after its time limit, and when it is aborted', async () => {
    const sessionId = await newSession();
    proxy.set('stall');
    await expect(client.append(sessionId, say('1'), { timeoutMs: 300 })).rejects.toBeInstanceOf(
      NoAnswerError,
    );
    const reason = new Error('enough');
    const controller = new AbortController();
    const appended = client.append(sessionId, say('2'), { signal: controller.signal });
    controller.abort(reason);
    await expect(appended).rejects.toBe(reason);
  });

  it('does not depend on the system clock', async () => {
    let [days, tries] = [0, 0];
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => 86_400_000 * ++days);
    const passing = new ConversationClient({
      baseUrl: 'http://localhost',
      fetch: () => Promise.resolve(new Response('{}', { status: ++tries === 1 ? 503 : 200 })),
    });
    try {
      await expect(passing.complete('any')).resolves.toMatchObject({ replayed: false });
    } finally {
      clock.mockRestore();
    }
  });

  it('waits as long as a 503 requests, and retries', async () => {
    const answers = [
      new Response('', { status: 503, headers: { 'Retry-After': '1' } }),
      Response.json({ sessionId: 's' }, { status: 201 }),
    ];
    const times: number[] = [];
    const fake = new ConversationClient({
      baseUrl: 'http://service.test',
      fetch: () => {
        times.push(performance.now());
        return Promise.resolve(answers.shift() ?? Response.error());
      },
    });
    await fake.createSession({ sessionId: 's', language: 'en' });

    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });
});

describe('record', () => {
  const recording = (count: number, text = 'x') => ({
    session: { sessionId: newId(), language: 'en', startedAt: '2026-01-01T09:00:00Z' },
    events: upTo(count).map((number) => say(`${number} ${text}`)),
    end: { status: 'failed' as const, endedAt: '2026-01-01T09:05:00Z' },
  });

  it('stores a conversation of any size in batches, and doubles nothing', async () => {
    const whole = recording(250);
    const first = await client.record(whole);
    const again = await client.record(whole);

    expect(first).toMatchObject({ stored: 250, replayed: 0, mismatches: [] });
    expect(again).toMatchObject({ stored: 0, replayed: 250, session: first.session });
    expect(first.session).toMatchObject({ status: 'failed', endedAt: '2026-01-01T09:05:00.000Z' });
    expect(await textsOf(whole.session.sessionId)).toEqual(whole.events.map(({ payload }) => payload.text));
    expect(await client.event(whole.session.sessionId, 'turn-0250')).toMatchObject({ sequence: 250 });
  });

  it('keeps each batch below what the service takes in one request', async () => {
    const large = recording(30, 'ü'.repeat(120_000));
    await client.record(large);
    expect(await client.get(large.session.sessionId)).toMatchObject({ finalSequence: 30 });
  });

  it('names the place of a fault in the recording, not in the batch', async () => {
    const { session, events } = recording(130);
    const faulty = events.with(120, { type: 'user_speech', payload: { text: '\0' } });
    await expect(client.record({ session, events: faulty })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('events[120]'),
      details: [{ field: expect.stringMatching(/^events\[120\]/) }],
    });
  });

  it('throws where other content is stored, and can go on', async () => {
    const { session, events, end } = recording(3);
    await client.record({ session, events });
    const changed = { session, events: [...events.slice(0, 2), say('other'), say('fourth')], end };
    await expect(client.record(changed)).rejects.toMatchObject({ stored: [{ eventId: 'turn-0003' }] });
    expect(await client.get(session.sessionId)).toMatchObject({ status: 'active', endedAt: null });
    expect(await client.record(changed, { onMismatch: 'return' })).toMatchObject({
      mismatches: [{ eventId: 'turn-0003' }],
      session: { status: 'failed', finalSequence: 4 },
    });
  });
});

describe('through faults', () => {
  it('stores each event once and in order, while responses are lost and the service is killed', async () => {
    const sessionId = await newSession();
    const texts = upTo(40).map(String);
    for (const text of texts) {
      if (text === '5') proxy.set('lose-answers');
      const appended = client.append(sessionId, say(text), { timeoutMs: 60_000 });
      if (text === '5') setTimeout(() => { proxy.set('pass'); }, 300); // oxfmt-ignore
      if (text === '20') {
        await service.stop('SIGKILL');
        await start();
      }
      await appended;
    }

    expect(await textsOf(sessionId)).toEqual(texts);
  });

  it('follows a session to its end, each event once, through broken connections and a kill', async () => {
    const sessionId = await newSession();
    const heard: number[] = [];
    // Beside the proxy; after the kill, the service listens before its store is ready.
    const direct = new ConversationClient({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 60_000 });
    const abandoned = new AbortController();
    const follower = client.follow(sessionId, { signal: abandoned.signal });
    const following = (async () => {
      for (;;) {
        const { done, value } = await follower.next();
        if (done) return value;
        heard.push(value.sequence);
      }
    })();
    try {
      for (const number of upTo(30)) {
        if (number === 10) proxy.set('cut');
        if (number === 11) proxy.set('pass');
        if (number === 20) {
          await service.stop('SIGKILL');
          await start();
        }
        await direct.append(sessionId, { ...say(String(number)), eventId: `e${number}` });
        if (number % 10 === 5) await until(() => heard.length === number, 30_000);
      }
      await direct.complete(sessionId);
    } catch (error) {
      abandoned.abort(error);
      await following.catch(() => undefined);
      throw error;
    }

    expect(await following).toMatchObject({ status: 'completed', finalSequence: 30 });
    expect(heard).toEqual(upTo(30));
  });

  it('stops following if the session does not exist, and when it is aborted', async () => {
    await expect(client.follow('none').next()).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
    const controller = new AbortController();
    const next = client.follow(await newSession(), { signal: controller.signal }).next();
    controller.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
  });
});
