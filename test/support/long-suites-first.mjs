import Sequencer from '@jest/test-sequencer';

/** Where suites start processes and take longest; what is left for the end should be short, for then a core may idle. */
const LONG = /\/test\/(store|docs|processes|guarantees|hostile|openapi)\//;

/** Jest's order (what failed, what took long, what is large), within long suites and then within the others. */
export default class LongSuitesFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isLong = ({ path }) => LONG.test(path);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
