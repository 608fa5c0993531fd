import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The description of the service, by its path from the project's root. */
export const DESCRIPTION = 'docs/openapi.json';

/** A conversation from its first request to its deletion, in Arazzo. */
export const CONVERSATION = 'docs/conversation.arazzo.yaml';

/**
 * Runs Redocly, without telemetry (`telemetry` in redocly.yaml) and without looking for updates.
 *
 * @returns its output.
 * @throws if it finds an error, with its output.
 */
export async function redocly(...args: readonly string[]): Promise<string> {
  const cli = 'node_modules/@redocly/cli/bin/cli.js';
  const env = { ...process.env, REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [cli, ...args], { cwd: ROOT, env });
  return stdout + stderr;
}
