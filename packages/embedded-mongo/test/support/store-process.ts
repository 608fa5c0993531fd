import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EmbeddedMongoOptions } from '../../src/index.js';

const program = fileURLToPath(new URL('store-owner.mjs', import.meta.url));

export interface StoreProcess {
  readonly uri: string;
  readonly pid: number;
  /** Its output on standard error. */
  stderr(): string;
  /** Kills it without running any handlers. */
  kill(): Promise<void>;
}

/** Starts a process that owns the store in `path`; rejects with its message if it fails. */
export async function startStoreProcess(
  path: string,
  options: Partial<EmbeddedMongoOptions> = {},
): Promise<StoreProcess> {
  const child: ChildProcess = fork(program, [path, JSON.stringify(options)], {
    // Otherwise glibc keeps freed buffers of up to 32 MB for reuse, and memory tells nothing of what is held.
    env: { ...process.env, MALLOC_MMAP_THRESHOLD_: String(1024 * 1024) },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exited = once(child, 'exit');
  const [message] = (await Promise.race([once(child, 'message'), exited])) as [
    { uri?: string; refused?: string },
  ];
  if (message.uri === undefined) {
    await exited;
    throw new Error(message.refused ?? `the store process ended before it answered: ${stderr}`);
  }
  return {
    uri: message.uri,
    pid: child.pid ?? 0,
    stderr: () => stderr,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
