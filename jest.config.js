import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/packages', '<rootDir>/clients'],
  testMatch: ['**/*.spec.ts'],
  // In each worker what is loaded is loaded once, for all files: with a VM for each file, a third of all processor time was
  // loading. Whatever a test leaves behind, an error too, is the others'.
  runner: 'jest-light-runner/child-process',
  // One more than there are cores: suites wait now and then, for processes and time-outs.
  maxWorkers: availableParallelism() + 1,
  setupFiles: ['<rootDir>/test/support/set-up-worker.mjs'],
};
