import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Child } from './child.mjs';

const PROGRAM = fileURLToPath(new URL('./serve-store.mjs', import.meta.url));

/**
 * The store that the measured programs share, each with its own database: the server of `MONGODB_URI` or, without it,
 * the embedded store in a separate process, so that a program's processor time does not include the store's.
 */
export class BenchStore {
  static async start() {
    if (process.env.MONGODB_URI) return new BenchStore(process.env.MONGODB_URI);
    const dataDir = mkdtempSync(join(tmpdir(), 'bench-store-'));
    const child = await Child.start(PROGRAM, { args: [dataDir] });
    return new BenchStore(child.address, child, dataDir);
  }

  constructor(uri, child, dataDir) {
    Object.assign(this, { uri, child, dataDir });
  }

  /** The URI of a database of this store. */
  database(name) {
    const [, server, query] = /^(mongodb(?:\+srv)?:\/\/[^/]+)(?:\/[^?]*)?(\?.*)?$/.exec(this.uri);
    return `${server}/${name}${query ?? ''}`;
  }

  async stop() {
    await this.child?.stop();
    if (this.dataDir) rmSync(this.dataDir, { recursive: true, force: true });
  }
}
