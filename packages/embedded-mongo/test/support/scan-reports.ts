import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ScanReport } from '../../src/query/scan.js';

/** What the queries of `work` cost, in the order in which they were over. */
export async function scanReports(work: () => Promise<unknown>): Promise<ScanReport[]> {
  const reports: ScanReport[] = [];
  const note = (report: unknown) => reports.push(report as ScanReport);
  subscribe('embedded-mongo.scan', note);
  try {
    await work();
    return reports;
  } finally {
    unsubscribe('embedded-mongo.scan', note);
  }
}
