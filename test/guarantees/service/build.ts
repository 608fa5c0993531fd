import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The root of the project; tests and programs are started there. */
const ROOT = process.cwd();
const SOURCES = ['src', 'package.json', 'tsconfig.json', 'rolldown.config.js'];

/**
 * Builds the service into a folder of its own, unless this has been done, and returns the path of its main.js. Not
 * into `dist`, which may be stale or in use. `GUARANTEES_DIST` names another build to test instead.
 */
export async function buildService(): Promise<string> {
  const given = process.env['GUARANTEES_DIST'];
  if (given) return resolve(given);
  const target = join(tmpdir(), `conversation-session-service-${await hashOfSources()}`);
  if (!existsSync(target)) await build(target);
  return join(target, 'dist');
}

async function build(target: string): Promise<void> {
  const scratch = await mkdtemp(`${target}-`);
  const options = ['--config', '--dir', join(scratch, 'dist')];
  await run(process.execPath, [join(ROOT, 'node_modules/rolldown/bin/cli.mjs'), ...options], { cwd: ROOT });
  await copyFile(join(ROOT, 'package.json'), join(scratch, 'package.json'));
  await symlink(join(ROOT, 'node_modules'), join(scratch, 'node_modules'));
  // A concurrent process may have built the same.
  await rename(scratch, target).catch(() => rm(scratch, { recursive: true }));
}

async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256').update(ROOT);
  for (const source of SOURCES) for (const file of await filesIn(source)) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

async function filesIn(path: string): Promise<string[]> {
  if (!existsSync(join(ROOT, path))) return [];
  if (/\.\w+$/.test(path)) return [join(ROOT, path)];
  const entries = await readdir(join(ROOT, path), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
