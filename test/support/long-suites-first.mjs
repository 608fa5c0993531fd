import { statSync } from 'node:fs';
import Sequencer from '@jest/test-sequencer';

/** Where suites start processes and take longest; what is left for the end should be short, for then a core may idle. */
const LONG =
  /\/test\/((store|docs|processes|guarantees|clients|session-cli|browser|openapi)\/|e2e\/(admission|delete|export|follow|page-bytes))/;

const isLong = ({ path }) => LONG.test(path);

/** Jest's order (what failed, what took long, what is large), within long suites and then within the others. */
export default class LongSuitesFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }

  /** Deals the suites out, the long and large ones first; not by how long they took, which the parts may know differently. */
  shard(tests, { shardIndex, shardCount }) {
    const size = ({ path }) => statSync(path).size;
    const dealt = tests.toSorted(
      (one, other) =>
        Number(isLong(other)) - Number(isLong(one)) ||
        size(other) - size(one) ||
        one.path.localeCompare(other.path),
    );
    return dealt.filter((_test, index) => index % shardCount === shardIndex - 1);
  }
}
