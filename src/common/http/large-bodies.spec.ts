import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { type Response } from 'express';
import { LargeBodies } from './large-bodies.js';

const COUNT = 5;
const WORK_MS = 20;

/** Blocks the event loop for some milliseconds. */
function work(): void {
  const since = performance.now();
  while (performance.now() - since < WORK_MS);
}

describe('large bodies that take long', () => {
  it('leave many turns of the event loop to other work', async () => {
    const large = new LargeBodies();
    let turns = 0;
    let done = 0;
    const turn = () => {
      turns++;
      if (done < COUNT) setImmediate(turn);
    };
    turn();
    await new Promise<void>((resolve) => {
      for (let n = 0; n < COUNT; n++) {
        large.await(new ServerResponse(new IncomingMessage(new Socket())) as Response, 100_000, () => {
          work();
          if (++done === COUNT) resolve();
        });
      }
    });

    expect(turns).toBeGreaterThan(10 * COUNT);
  });
});
