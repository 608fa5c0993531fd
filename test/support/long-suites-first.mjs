import { statSync } from 'node:fs';
import Sequencer from '@jest/test-sequencer';

/** Roughly how many seconds a suite takes beside others on two cores, by the first pattern that its path matches. */
const SECONDS = [
  [/\/(docs\/api-testing|session-cli\/import|guarantees\/fuzz)/, 37],
  [/\/(processes\/three|store\/export)/, 32],
  [/\/(processes\/(start|shutdown)|docs\/scripts|store\/crash|e2e\/(delete|list)-session)/, 21],
  [/\/(processes\/(following|raised)|browser|e2e\/(export-session|limits))/, 16],
  [
    /\/(store\/(fuzz|index-order)|session-cli|openapi|clients\/typescript|e2e\/(page-bytes|follow-session))/,
    10,
  ],
  [/\/(processes|clients|docs|queries|store|guarantees)\//, 5],
];
const SHORT = 2;

const secondsOf = ({ path }) => SECONDS.find(([pattern]) => pattern.test(path))?.[1] ?? SHORT;
const isLong = (test) => secondsOf(test) > SHORT;

/** Jest's order (what failed, what took long, what is large), within long suites and then within the others. */
export default class LongSuitesFirst extends Sequencer {
  /** The short ones come last, so that no core idles at the end while a long one runs. */
  sort(tests) {
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }

  /** Deals the suites out, each to the part with the least so far; not by jest's own times, which the parts may know differently. */
  shard(tests, { shardIndex, shardCount }) {
    const size = ({ path }) => statSync(path).size;
    const longestFirst = tests.toSorted(
      (one, other) =>
        secondsOf(other) - secondsOf(one) || size(other) - size(one) || one.path.localeCompare(other.path),
    );
    const parts = Array.from({ length: shardCount }, () => ({ seconds: 0, tests: [] }));
    for (const test of longestFirst) {
      const part = parts.reduce((least, each) => (each.seconds < least.seconds ? each : least));
      part.tests.push(test);
      part.seconds += secondsOf(test);
    }
    return parts[shardIndex - 1].tests;
  }
}
