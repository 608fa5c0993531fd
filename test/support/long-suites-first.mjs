import { statSync } from 'node:fs';
import Sequencer from '@jest/test-sequencer';

/** Roughly how many seconds a suite takes beside others on two cores, by the first pattern that its path matches. */
const SECONDS = [
  [/\/docs\/api-testing/, 90],
  [/\/processes\/(start|following)/, 60],
  [/\/(store\/export|session-cli\/import)/, 40],
  [/\/(processes\/shutdown|guarantees\/fuzz)/, 30],
  [/\/(docs\/scripts|clients\/typescript|e2e\/(delete|export)-session)/, 24],
  [/\/(processes\/(three|raised)|store\/(crash|fuzz)|guarantees|browser|session-cli|e2e\/list-sessions)/, 18],
  [/\/(processes|openapi|clients|e2e\/(admission|page-bytes))/, 10],
  [/\/test\/(docs|store)\//, 5],
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
