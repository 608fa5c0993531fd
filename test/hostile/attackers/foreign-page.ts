import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { createSession } from '../../support/samples.js';
import { keepBusy, type Attacker } from '../attacker.js';

const PAGES = [
  { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://other.example' },
  { 'Sec-Fetch-Site': 'cross-site', Origin: 'null' },
  { 'Sec-Fetch-Site': 'same-site', Origin: 'http://localhost:1' },
  { Host: 'rebound.example', Origin: 'http://rebound.example', 'Sec-Fetch-Site': 'same-origin' },
];

/** Ends a session in ways in which foreign pages could make a browser do it. */
export const foreignPage: Attacker = {
  name: 'pages of others end a session',
  sees: { '403': expect.any(Number), 'sessions ended': 0 },
  prepare: ({ client }) => createSession(client),
  async attack({ client }, signal, sessionId) {
    const statuses: Record<string, number> = {};
    await keepBusy(10, signal, async () => {
      for (const headers of PAGES) {
        const path = `/sessions/${sessionId}/complete`;
        const { status } = await client.send({ method: 'POST', path, headers });
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
      await sleep(50); // what they may do is the question here, not how much
    });
    const { body } = await client.read(sessionId);
    return { ...statuses, 'sessions ended': body.status === 'initiated' ? 0 : 1 };
  },
};
