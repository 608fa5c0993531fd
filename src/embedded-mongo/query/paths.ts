import { type Document, isDocument } from '../bson/documents.js';

/** What a path leads to where a document has nothing there. */
export const MISSING = Symbol('missing');

/**
 * Every value a dotted path leads to, through arrays of documents and array positions, as MongoDB's queries see it.
 * An array at the end comes as one value. A document without the field gives MISSING.
 */
export function valuesAt(document: Document, path: string): unknown[] {
  if (!path.includes('.')) return [document.has(path) ? document.get(path) : MISSING];
  const values: unknown[] = [];
  collect(document, path.split('.'), 0, values);
  return values;
}

function collect(value: unknown, names: readonly string[], depth: number, values: unknown[]): void {
  const name = names[depth];
  if (name === undefined) {
    values.push(value);
  } else if (isDocument(value)) {
    collect(value.has(name) ? value.get(name) : MISSING, names, depth + 1, values);
  } else if (Array.isArray(value)) {
    if (/^\d+$/.test(name) && Number(name) < value.length)
      collect(value[Number(name)], names, depth + 1, values);
    for (const element of value) if (isDocument(element)) collect(element, names, depth, values);
  } else {
    values.push(MISSING);
  }
}
