import { createSession, newId } from '../../support/samples.js';
import { type Attacker } from '../attacker.js';

/** `BIG_BODIES=1000` for a longer run. */
const COUNT = Number(process.env['BIG_BODIES'] ?? 200);

/** Appends the payloads that take the most work for their size: 256 KB of empty objects. */
export const sendsBigBodies: Attacker = {
  name: `${COUNT} payloads of 256 KB of {} at once`,
  crowds: true,
  prepare: ({ client }) => createSession(client),
  async attack({ client }, _signal, sessionId) {
    const many = `[${'{},'.repeat(87_000)}{}]`;
    const statuses: Record<string, number> = {};
    await Promise.all(
      Array.from({ length: COUNT }, async () => {
        const body = `{"eventId":"${newId()}","type":"system","payload":{"many":${many}}}`;
        const { status } = await client.postText(`/sessions/${sessionId}/events`, body);
        statuses[status] = (statuses[status] ?? 0) + 1;
      }),
    );
    return statuses;
  },
};
