import { MongoError } from '../errors.js';

/** The clock is asked once for so many documents. */
const DOCUMENTS_A_LOOK = 64;

let end = Infinity;
let looked = 0;

/** Runs synchronous `work`, which may look at documents for `ms` milliseconds (0: as long as it takes). */
export function withDeadline<T>(ms: number, work: () => T): T {
  end = ms > 0 ? performance.now() + ms : Infinity;
  try {
    return work();
  } finally {
    end = Infinity;
  }
}

/** To be called for each document that is looked at. Throws MaxTimeMSExpired when the time is over. */
export function checkDeadline(): void {
  if (end !== Infinity && ++looked % DOCUMENTS_A_LOOK === 0 && performance.now() > end) {
    throw new MongoError('MaxTimeMSExpired', 'operation exceeded time limit');
  }
}
