import { toNumber } from '../bson/documents.js';
import type { Cursors } from '../query/cursors.js';
import { formatCursor } from '../wire/messages.js';
import type { Arguments } from './command.js';

/** A listing as a cursor; its `cursor.batchSize` is honoured like a query's. */
export function listReply(
  cursors: Cursors,
  namespace: string,
  list: readonly Buffer[],
  args: Arguments,
): Buffer {
  const batchSize = toNumber(args.document('cursor').get('batchSize')) ?? list.length + 1;
  const batch = cursors.start(namespace, list[Symbol.iterator](), batchSize, false);
  return formatCursor('firstBatch', batch.documents, batch.id, namespace);
}
