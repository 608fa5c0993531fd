import { type Document, isDocument, isNumber, isTruthy } from '../bson/documents.js';
import { Elements } from '../bson/elements.js';
import { MongoError, unsupported } from '../errors.js';

/** Turns a stored document into the one that the client requested. */
export type Projection = (document: Buffer) => Buffer;

/** Compiles a projection that includes or excludes fields; undefined if it keeps everything. */
export function compileProjection(projection: Document): Projection | undefined {
  if (projection.size === 0) return undefined;
  const kept = new Map([...projection].map(([name, value]) => [name, isKept(name, value)]));
  const [first = '_id', ...others] = [...kept.keys()].filter((name) => name !== '_id');
  const inclusive = kept.get(first) === true;
  const odd = others.find((name) => kept.get(name) !== inclusive);
  if (odd !== undefined)
    throw new MongoError(inclusive ? 31254 : 31253, `'${first}' and '${odd}' can't be in one projection`);
  if (!kept.has('_id')) kept.set('_id', true);
  // The included fields are copied as bytes: decoding costs most where documents are large.
  return (document) => {
    const parts: Buffer[] = [Buffer.alloc(4)];
    for (const at = new Elements(document); at.next();)
      if (kept.get(at.name) ?? !inclusive) parts.push(document.subarray(at.nameStart - 1, at.end));
    const shown = Buffer.concat([...parts, Buffer.alloc(1)]);
    shown.writeInt32LE(shown.length);
    return shown;
  };
}

function isKept(name: string, value: unknown): boolean {
  if (name.includes('.') || name.startsWith('$')) throw unsupported(`projection of '${name}'`);
  if (isNumber(value) || typeof value === 'boolean') return isTruthy(value);
  const operator = isDocument(value) ? value.keys().next().value : undefined;
  throw unsupported(`${operator ?? 'computed field'} in the projection of '${name}'`);
}
