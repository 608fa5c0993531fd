/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/clients/typescript/test'],
  testMatch: ['**/*.spec.ts'],
  // All files in one process, where what is loaded is loaded once: with a VM for each, half of all processor time was loading.
  // Whatever a test leaves behind, an error too, is the others'.
  runner: 'jest-light-runner',
  maxWorkers: 1,
  setupFiles: ['<rootDir>/test/support/set-up-worker.mjs'],
  testSequencer: './test/support/long-suites-first.mjs',
  reporters: ['default', ['summary', { summaryThreshold: 1000 }], './test/support/process-logs.mjs'],
};
