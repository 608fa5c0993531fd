import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventRepository } from '../../src/modules/event/repositories/event.repository.js';
import { SessionListService } from '../../src/modules/session/services/session-list.service.js';
import { SessionService } from '../../src/modules/session/services/session.service.js';
import { anEvent, appendAll, createSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

type Part = 'session' | 'tail' | 'page';

/** Runs once in the middle of one read, after one of its parts; each test sets its own. */
let meanwhile: { readonly after: Part; readonly happens: () => Promise<unknown> } | undefined;
let release: () => void = () => undefined;
let happened: Promise<void> = Promise.resolve();

/** Reads the named part first, and the others after what happens then. */
async function inTurn<T>(part: Part, read: () => Promise<T>): Promise<T> {
  if (!meanwhile) return read();
  if (meanwhile.after !== part) {
    await happened;
    return read();
  }
  const found = await read();
  const { happens } = meanwhile;
  meanwhile = undefined;
  await happens();
  release();
  return found;
}

function when(after: Part, happens: () => Promise<unknown>): void {
  happened = new Promise((resolve) => (release = resolve));
  meanwhile = { after, happens };
}

class SlowSessions extends SessionService {
  override get(sessionId: string) {
    return inTurn('session', () => super.get(sessionId));
  }
}

class SlowEvents extends EventRepository {
  override findTail(...read: Parameters<EventRepository['findTail']>) {
    return inTurn('tail', () => super.findTail(...read));
  }

  override findPage(...read: Parameters<EventRepository['findPage']>) {
    return inTurn('page', () => super.findPage(...read));
  }
}

let afterList = () => Promise.resolve<unknown>(undefined);

class SlowLists extends SessionListService {
  override async list(...query: Parameters<SessionListService['list']>) {
    const page = await super.list(...query);
    await afterList();
    return page;
  }
}

let service: TestService;
beforeAll(async () => {
  service = await startService({}, [
    { provider: SessionService, by: SlowSessions },
    { provider: EventRepository, by: SlowEvents },
    { provider: SessionListService, by: SlowLists },
  ]);
});
afterAll(() => service.close());

it('a store that contradicts itself is read, and not for ever', async () => {
  const sessionId = await createSession(service.client); // initiated, and yet with an event:
  const times = { timestamp: new Date(), receivedAt: new Date() };
  const event = { sessionId, eventId: 'e', sequence: 1, type: 'system', payload: {}, ...times } as const;
  await service.app.get(EventRepository).insertAt([event]);
  expect((await service.client.read(sessionId)).body.events).toHaveLength(1);
});

it('a list counts the events of its sessions, also where one of them is deleted meanwhile', async () => {
  const deleted = await createSession(service.client);
  const kept = await createSession(service.client);
  await appendAll(service.client, kept, [anEvent(), anEvent()]);
  await appendAll(service.client, deleted, [anEvent()]);
  afterList = () => service.client.delete(deleted);

  const { body } = await service.client.list({ include: 'activity', limit: 2 });

  expect(body.sessions[0]).toMatchObject({ sessionId: kept, eventCount: 2, lastEventAt: expect.anything() });
  expect(body.sessions[1]).toMatchObject({ sessionId: deleted, eventCount: 0, lastEventAt: null });
});

const FAR = { page: 101, limit: 2 };

describe.each(['session', 'page'] as const)('what happens after the %s was read', (part) => {
  it('does not show a session as initiated with events', async () => {
    const sessionId = await createSession(service.client);
    when(part, () => service.client.append(sessionId, anEvent()));

    const { body } = await service.client.read(sessionId, {});

    expect(body).toMatchObject({ status: 'active', events: [{ sequence: 1 }], pagination: { total: 1 } });
    expect(body).toMatchObject({ eventCount: 1 });
  });

  it('shows no end that the page does not reach', async () => {
    const sessionId = await createSession(service.client);
    await appendAll(service.client, sessionId, [anEvent()]);
    when(part, async () => {
      await service.client.append(sessionId, anEvent());
      await service.client.complete(sessionId);
    });

    const { body } = await service.client.read(sessionId, {});

    expect(body.events).toHaveLength(2);
    expect(body.pagination.total).toBe(2);
    expect([null, 2]).toContain(body.finalSequence);
  });

  it('answers 410 and shows nothing of a session that is deleted', async () => {
    const sessionId = await createSession(service.client);
    await appendAll(service.client, sessionId, [anEvent(), anEvent()]);
    when(part, () => service.client.delete(sessionId));

    expect((await service.client.read(sessionId, {})).status).toBe(410);
  });
});

describe.each(['session', 'tail', 'page'] as const)(
  'a page far away, when after the %s more is stored',
  (part) => {
    it('has a total that is never below what it shows', async () => {
      const sessionId = await createSession(service.client);
      await service.client.appendBatch(
        sessionId,
        Array.from({ length: 100 }, () => anEvent()),
      );
      await service.client.appendBatch(
        sessionId,
        Array.from({ length: 100 }, () => anEvent()),
      );
      await service.client.append(sessionId, anEvent());
      when(part, async () => {
        await service.client.append(sessionId, anEvent());
        await service.client.complete(sessionId);
      });

      const { body } = await service.client.read(sessionId, FAR);

      const sequences = body.events.map(({ sequence }) => sequence);
      expect(body.pagination.total).toBeGreaterThanOrEqual(Math.max(...sequences, body.finalSequence ?? 0));
      expect(body.pagination.total).toBe(200 + sequences.length);
    });
  },
);
