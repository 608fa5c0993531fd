import fs from 'node:fs';
import { EmbeddedMongoError } from '../errors.js';

/* LMDB's format (mdb.c): pages with a header. The first two are the meta pages; the one written last counts. */
const MAGIC = 0xbeefc0de;
const VERSION = 2;
const HEADER = 24;
const META_BYTES = 160;
const [LEAF, BRANCH, BIG_DATA] = [2, 1, 1];
const NO_ROOT = 2n ** 64n - 1n;
const NODE_HEADER = 8;

/**
 * Throws EmbeddedMongoError if a data file is shorter than its content. LMDB maps the file without checking: a read
 * beyond its end, or by a damaged meta page, would kill the process with SIGBUS or SIGSEGV and without a message. A
 * missing or empty file is allowed: a killed process may have just created it.
 */
export function checkDataFile(file: string): void {
  if (!fs.existsSync(file) || fs.statSync(file).size === 0) return;
  const descriptor = fs.openSync(file, 'r+');
  try {
    const { size } = fs.fstatSync(descriptor);
    const first = metaAt(descriptor, 0);
    const second = first && metaAt(descriptor, first.pageSize);
    if (!second)
      throw new EmbeddedMongoError(`${file} was not written by this store, or it is damaged. ${ADVICE}`);
    const { roots, lastPage, pageSize } = second.transaction > first.transaction ? second : first;
    const bytes = (lastPage + 1) * pageSize;
    if (size >= bytes && roots.every((root) => root <= lastPage)) return;
    // Pages at the end that were allocated and freed again are never written, so only pages in use have to be there.
    if (!Number.isSafeInteger(bytes) || !roots.every((root) => isThere(descriptor, root, size, pageSize)))
      throw new EmbeddedMongoError(
        `${file} is damaged: of ${bytes} bytes it should have, ${size} are there. ${ADVICE}`,
      );
    fs.ftruncateSync(descriptor, bytes);
  } finally {
    fs.closeSync(descriptor);
  }
}

const ADVICE = 'Restore the last backup (docs/operations.md, "Backup and restore").';

interface Meta {
  readonly pageSize: number;
  readonly roots: readonly number[];
  readonly lastPage: number;
  readonly transaction: bigint;
}

/** Undefined where there is no meta page. */
function metaAt(descriptor: number, at: number): Meta | undefined {
  const page = Buffer.alloc(META_BYTES);
  if (fs.readSync(descriptor, page, 0, META_BYTES, at) < META_BYTES) return undefined;
  const pageSize = page.readUInt32LE(48);
  if (page.readUInt32LE(HEADER) !== MAGIC || page.readUInt16LE(HEADER + 4) !== VERSION) return undefined;
  if (![4096, 8192, 16384, 32768, 65536].includes(pageSize)) return undefined;
  const roots = [88, 136].map((place) => page.readBigUInt64LE(place)).filter((root) => root !== NO_ROOT);
  const lastPage = Number(page.readBigUInt64LE(144));
  return { pageSize, roots: roots.map(Number), lastPage, transaction: page.readBigUInt64LE(152) };
}

/** Whether all pages of a tree are within the file. */
function isThere(descriptor: number, root: number, size: number, pageSize: number): boolean {
  const pages = Math.floor(size / pageSize);
  const waiting = [root];
  const page = Buffer.alloc(pageSize);
  try {
    for (let seen = 0; seen < waiting.length; seen++) {
      const number = waiting[seen] ?? 0;
      // More pages than the file has: a cycle.
      if (number >= pages || seen >= pages) return false;
      fs.readSync(descriptor, page, 0, pageSize, number * pageSize);
      const [flags, lower] = [page.readUInt16LE(18), page.readUInt16LE(20)];
      if (Number(page.readBigUInt64LE(0)) !== number || (flags !== LEAF && flags !== BRANCH)) return false;
      for (let at = HEADER; at < HEADER + lower; at += 2) {
        // lmdb-js counts offsets from the end of the header.
        const node = HEADER + page.readUInt16LE(at);
        const [length, nodeFlags] = [page.readUInt32LE(node), page.readUInt16LE(node + 4)];
        if (flags === BRANCH) waiting.push(length + nodeFlags * 2 ** 32);
        if (flags !== LEAF || nodeFlags !== BIG_DATA) continue;
        const data = node + NODE_HEADER + page.readUInt16LE(node + 6);
        if (Number(page.readBigUInt64LE(data)) + Math.ceil((HEADER + length) / pageSize) > pages)
          return false;
      }
    }
    return true;
  } catch {
    // A node points outside its page, or the disk can't be read.
    return false;
  }
}
