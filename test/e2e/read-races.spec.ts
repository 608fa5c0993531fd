import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionRepository } from '../../src/modules/session/repositories/session.repository.js';
import { anEvent, appendAll, createSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

/** Runs in the middle of one read; each test sets its own. */
let meanwhile: (() => Promise<unknown>) | undefined;

/**
 * Reads the parts of a command separately, and runs something once between the page and the parts before it, as on a
 * store that reads the parts of a command at different times.
 */
class OvertakenRepository extends SessionRepository {
  override async findWith(...[sessionId, beside, bounds]: Parameters<SessionRepository['findWith']>) {
    const found = await super.findWith(sessionId, beside.slice(0, -1), bounds);
    const happen = meanwhile;
    meanwhile = undefined;
    await happen?.();
    const page = await super.findWith('no session', beside.slice(-1), bounds);
    return { ...page, session: found.session, documents: [...found.documents, ...page.documents] };
  }
}

let service: TestService;
beforeAll(async () => {
  service = await startService({}, [{ provider: SessionRepository, by: OvertakenRepository }]);
});
afterAll(() => service.close());

const at = (second: number) => `2026-03-01T12:00:0${second}Z`;

// Without a filter, an event's sequence reveals that it was stored meanwhile, and the new total. With a filter, the
// total stays as counted, except for what the page and the row beyond its end show: two events instead of 1, three
// instead of 2.
describe.each([
  ['of 1', 1, {}, 3],
  ['of 2', 2, {}, 3],
  ['of 1 with a filter', 1, { type: 'user_speech' }, 2],
  ['of 2 with a filter', 2, { type: 'user_speech' }, 3],
])('an older event stored in the middle of the read of a page %s', (_what, limit, filter, total) => {
  it('hides no event that was stored before, and is counted if it is shown', async () => {
    const sessionId = await createSession(service.client);
    await appendAll(service.client, sessionId, [
      anEvent({ timestamp: at(5) }),
      anEvent({ timestamp: at(4) }), // out of order, so that the chronological index is needed
    ]);
    meanwhile = () => service.client.append(sessionId, anEvent({ timestamp: at(1) }));

    const first = await service.client.read(sessionId, { ...filter, limit });
    const seen = first.body.events.map(({ sequence }) => sequence);
    for (let cursor = first.body.pagination.nextCursor; cursor !== null;) {
      const { body } = await service.client.read(sessionId, { cursor, limit });
      seen.push(...body.events.map(({ sequence }) => sequence));
      cursor = body.pagination.nextCursor;
    }

    expect(meanwhile).toBeUndefined();
    expect(seen).toEqual([3, 2, 1]);
    expect(first.body.pagination).toMatchObject({
      total,
      totalPages: Math.ceil(total / limit),
      hasMore: true,
    });
  });
});

describe('a session that changes in the middle of its read', () => {
  it('is not shown as initiated with events', async () => {
    const sessionId = await createSession(service.client);
    meanwhile = () => service.client.append(sessionId, anEvent());

    const { body } = await service.client.read(sessionId, {});

    expect(body).toMatchObject({ status: 'active', events: [{ sequence: 1 }], pagination: { total: 1 } });
  });

  it('shows no end that its page does not reach', async () => {
    const sessionId = await createSession(service.client);
    await appendAll(service.client, sessionId, [anEvent()]);
    meanwhile = async () => {
      await service.client.append(sessionId, anEvent());
      await service.client.complete(sessionId);
    };

    const { body } = await service.client.read(sessionId, {});

    expect(body).toMatchObject({ status: 'active', finalSequence: null, pagination: { total: 2 } });
    expect(body.events.map(({ late }) => late)).toEqual([false, false]);
  });
});
