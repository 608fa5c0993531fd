import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventRepository } from '../../src/modules/event/repositories/event.repository.js';
import { anEvent, appendAll, createSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

/** What happens between the two queries of one read; each test sets its own. */
let meanwhile: (() => Promise<unknown>) | undefined;

/** Lets it happen once: after the total of a page is known, before its events are read. */
class OvertakenRepository extends EventRepository {
  override async findInTimeOrder(...args: Parameters<EventRepository['findInTimeOrder']>) {
    const happen = meanwhile;
    meanwhile = undefined;
    await happen?.();
    return super.findInTimeOrder(...args);
  }
}

let service: TestService;
beforeAll(async () => {
  service = await startService({}, [{ provider: EventRepository, by: OvertakenRepository }]);
});
afterAll(() => service.close());

const at = (second: number) => `2026-03-01T12:00:0${second}Z`;

describe.each([
  ['of 1', 1, {}],
  ['of 2', 2, {}],
  ['of 1 with a filter', 1, { type: 'user_speech' }],
  ['of 2 with a filter', 2, { type: 'user_speech' }],
])('an older event stored in the middle of the read of a page %s', (_what, limit, filter) => {
  it('makes no event disappear that was stored before, and is counted where it is shown', async () => {
    const sessionId = await createSession(service.client);
    await appendAll(service.client, sessionId, [
      anEvent({ timestamp: at(5) }),
      anEvent({ timestamp: at(4) }), // out of order, so that time has to be read by its own index
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
    const { total = 0 } = first.body.pagination;
    expect(total).toBeGreaterThanOrEqual('type' in filter ? 2 : 3);
  });
});
