import { type ExportedSession, type ExportRecord } from './export-file.js';

/** What one request carries at most; the service takes 4 MiB unless it is set to less. */
const BATCH_EVENTS = 100;
const BATCH_BYTES = 3 * 1024 * 1024;

export type ReadEvent = Extract<ExportRecord, { kind: 'event' }>;

/** A part of writing a session, which is one request; `end` tells that no more follow. */
export type ImportStep =
  | { readonly kind: 'create'; readonly session: ExportedSession; readonly place: string }
  | { readonly kind: 'append'; readonly events: readonly ReadEvent[]; readonly bytes: number }
  | { readonly kind: 'complete' }
  | { readonly kind: 'end' };

/** The steps that write sessions in the order in which they were lived: creation, events, completion, late events. */
export async function* stepsOf(records: AsyncIterable<ExportRecord>): AsyncGenerator<ImportStep> {
  let finalSequence: number | null = null; // of a session that is still to be completed
  let events: ReadEvent[] = [];
  let bytes = 0;
  function* flush(): Generator<ImportStep> {
    if (events.length > 0) yield { kind: 'append', events, bytes };
    events = [];
    bytes = 0;
  }
  function* complete(): Generator<ImportStep> {
    yield* flush();
    if (finalSequence !== null) yield { kind: 'complete' };
    finalSequence = null;
  }
  for await (const record of records) {
    if (record.kind === 'session') {
      finalSequence = record.session.finalSequence;
      yield { kind: 'create', session: record.session, place: record.place };
    } else if (record.kind === 'end') {
      yield* complete();
      yield { kind: 'end' };
    } else {
      if (finalSequence !== null && record.event.sequence > finalSequence) yield* complete();
      if (events.length === BATCH_EVENTS || bytes + record.bytes > BATCH_BYTES) yield* flush();
      events.push(record);
      bytes += record.bytes;
    }
  }
}
