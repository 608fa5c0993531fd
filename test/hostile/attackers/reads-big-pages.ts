import { keepBusy, statusOf, type Attacker } from '../attacker.js';
import { bigSession } from './big-session.js';

/** Reads the largest possible pages, as fast as they arrive. */
export const readsBigPages: Attacker = {
  name: '40 readers of pages of 4 MB',
  crowds: true,
  prepare: (service) => bigSession(service, 25),
  async attack(service, signal, sessionId) {
    const statuses: Record<string, number> = {};
    await keepBusy(40, signal, async () => {
      const status = await statusOf(service, `/sessions/${sessionId}?limit=100`);
      statuses[status] = (statuses[status] ?? 0) + 1;
    });
    return statuses;
  },
};
