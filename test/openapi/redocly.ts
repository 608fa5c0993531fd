import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The description of the service, from the root of the project. */
export const DESCRIPTION = 'docs/openapi.json';

/** A conversation from its first request to its deletion, in Arazzo. */
export const CONVERSATION = 'docs/conversation.arazzo.yaml';

/**
 * Runs Redocly, which sends nothing home (`telemetry` in redocly.yaml) and looks for no newer self.
 *
 * @returns what it says.
 * @throws where it finds an error, with what it says.
 */
export async function redocly(...args: readonly string[]): Promise<string> {
  const cli = 'node_modules/@redocly/cli/bin/cli.js';
  const env = { ...process.env, REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [cli, ...args], { cwd: ROOT, env });
  return stdout + stderr;
}
