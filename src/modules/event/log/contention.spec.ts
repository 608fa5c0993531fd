import { describe, expect, it } from '@jest/globals';
import { Contention } from './contention.js';

/** The longest of many pauses, which are random. */
function longestRest(contention: Contention, sessionId = 's', batchesInARow = 1): number {
  return Math.max(...Array.from({ length: 500 }, () => contention.restBefore(sessionId, batchesInARow)));
}

describe('Contention', () => {
  it('lets a process without competition pause once in sixteen batches', () => {
    const contention = new Contention();
    const rests = Array.from({ length: 48 }, (_, index) => {
      contention.noteStored('s', 5);
      return longestRest(contention, 's', index + 1);
    });

    expect(rests.flatMap((rest, index) => (rest > 0 ? [index + 1] : []))).toEqual([16, 32, 48]);
  });

  it('lets a process pause after a collision, in proportion to its round trips, in that session only', () => {
    const contention = new Contention();
    contention.noteCollision('s');
    contention.noteStored('s', 2);
    const short = longestRest(contention);
    contention.noteStored('s', 2);
    contention.noteCollision('s');
    contention.noteStored('s', 20);
    const long = longestRest(contention);

    expect(short).toBeGreaterThan(0);
    expect(long).toBeGreaterThan(short);
    expect(longestRest(contention, 'other')).toBe(0);
  });

  it('pauses longer the more often it collides, up to a limit', () => {
    const contention = new Contention();
    contention.noteCollision('s');
    contention.noteStored('s', 2);
    const once = longestRest(contention);
    for (let collision = 0; collision < 1000; collision++) contention.noteCollision('s');
    contention.noteStored('s', 2);
    const often = longestRest(contention);
    contention.noteStored('s', 60_000);

    expect(often).toBeGreaterThan(once);
    expect(longestRest(contention)).toBeLessThanOrEqual(250);
  });

  it('stops pausing when nobody else has written for a while', () => {
    const contention = new Contention();
    for (let collision = 0; collision < 6; collision++) contention.noteCollision('s');
    for (let batch = 0; batch < 20; batch++) contention.noteStored('s', 5);

    expect(longestRest(contention)).toBe(0);
  });
});
