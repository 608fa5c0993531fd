import { setTimeout as sleep } from 'node:timers/promises';
import { keepBusy, rudeConnection, type Attacker } from '../attacker.js';

const REQUEST = 'GET /sessions/any HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Sends a hundred requests at once and disconnects before the responses, again and again. */
export const pipelinesAndLeaves: Attacker = {
  name: '14 connections pipeline 100 requests each and leave',
  crowds: true,
  async attack(service, signal) {
    let left = 0;
    await keepBusy(14, signal, async () => {
      const socket = rudeConnection(service);
      socket.write(REQUEST.repeat(100));
      await sleep(100 * Math.random());
      socket.destroy();
      await sleep(400);
      left++;
    });
    return { 'connections left': left };
  },
};
