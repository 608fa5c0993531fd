// What `@jest/globals` gives where jest runs tests without a VM for each file.

export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } = globalThis;
