import { decode, type Document, encode, isDocument, isNumber, isTruthy } from '../bson/documents.js';
import { MongoError, unsupported } from '../errors.js';

/** Turns a stored document into the one a client asked for. */
export type Projection = (document: Buffer) => Buffer;

/** For each name the field as it is, or what is projected inside it. */
type Tree = Map<string, true | Tree>;

/** Compiles a projection of fields that stay, or of fields that go; undefined when it keeps everything. */
export function compileProjection(projection: Document): Projection | undefined {
  if (projection.size === 0) return undefined;
  const paths = new Map([...projection].map(([path, value]) => [path, isKept(path, value)]));
  const [first = '_id'] = [...paths.keys()].filter((path) => path !== '_id');
  const inclusive = paths.get(first) === true;
  const tree: Tree = new Map();
  for (const [path, kept] of paths) {
    if (kept === inclusive) plant(tree, path, path.split('.'));
    else if (path !== '_id') throw mixed(path, inclusive);
  }
  if (inclusive && !paths.has('_id')) tree.set('_id', true);
  return (document) => encode(prune(decode(document), tree, inclusive));
}

function isKept(path: string, value: unknown): boolean {
  if (isNumber(value) || typeof value === 'boolean') return isTruthy(value);
  const operator = isDocument(value) ? value.keys().next().value : undefined;
  throw unsupported(`${operator ?? 'computed field'} in the projection of '${path}'`);
}

function mixed(path: string, inclusive: boolean): MongoError {
  const [what, where] = inclusive ? ['exclusion', 'inclusion'] : ['inclusion', 'exclusion'];
  return new MongoError(
    inclusive ? 31254 : 31253,
    `Cannot do ${what} on field ${path} in ${where} projection`,
  );
}

function plant(tree: Tree, path: string, [name = '', ...rest]: string[]): void {
  if (name === '' || name.startsWith('$')) throw unsupported(`projection of '${path}'`);
  const here = tree.get(name);
  if (here === true || (here && rest.length === 0)) throw new MongoError(31249, `Path collision at ${path}`);
  if (rest.length === 0) {
    tree.set(name, true);
  } else {
    const branch: Tree = here ?? new Map();
    tree.set(name, branch);
    plant(branch, path, rest);
  }
}

function prune(document: Document, tree: Tree, inclusive: boolean): Document {
  const kept: Document = new Map();
  for (const [name, value] of document) {
    const node = tree.get(name);
    if (node === undefined || node === true) {
      if ((node === true) === inclusive) kept.set(name, value);
    } else if (Array.isArray(value)) {
      throw unsupported(`projection inside an array ('${name}')`);
    } else if (isDocument(value)) {
      kept.set(name, prune(value, node, inclusive));
    } else if (!inclusive) {
      kept.set(name, value);
    }
  }
  return kept;
}
