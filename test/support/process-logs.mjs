// Keeps what the services of a run have written, where a test of it failed.

import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const REPORTS = 'reports';

/** A reporter of jest. */
export default class ProcessLogs {
  constructor() {
    mkdirSync(REPORTS, { recursive: true });
    this.directory = process.env.PROCESS_LOGS = mkdtempSync(join(process.cwd(), REPORTS, 'processes-'));
    process.once('exit', () => this.forgetThem()); // of a run that is broken off too
  }

  onRunComplete(_contexts, { numFailedTests, numRuntimeErrorTestSuites }) {
    this.keep = numFailedTests + numRuntimeErrorTestSuites > 0;
    if (this.keep) console.error(`What the services wrote is in ${this.directory}`);
  }

  forgetThem() {
    if (!this.keep) rmSync(this.directory, { recursive: true, force: true });
  }
}
