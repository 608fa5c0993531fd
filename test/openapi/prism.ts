import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ServiceClient } from '../support/client.js';
import { type Answer, type ExactRequest } from '../support/http.js';
import { freePort } from '../support/ports.js';
import { type ErrorBody } from '../support/representations.js';
import { until } from '../support/until.js';
import { DESCRIPTION, ROOT } from './redocly.js';

const CLI = fileURLToPath(new URL('prism/node_modules/@stoplight/prism-cli/dist/index.js', import.meta.url));

/** What Prism finds wrong in a request or its answer. */
export interface Violation {
  /** `request` or `response`, and the way to the place in it. */
  readonly location: readonly [side: string, ...way: string[]];
  readonly severity: string;
  readonly message: string;
}

/** Prism as a proxy before a service, which holds what goes through it against docs/openapi.json. */
export interface Prism {
  /** Sends a request through it. @returns the service's answer, and what Prism says of both. */
  send(request: ExactRequest): Promise<{ answer: Answer; violations: readonly Violation[] }>;
  stop(): void;
}

/**
 * Starts Prism, and waits until it listens. Without its `--errors` it hands over also what it finds wrong, and says so in a
 * header: with it, it would answer by itself, and never see how the service refuses what is wrong.
 */
export async function startPrism(origin: string): Promise<Prism> {
  if (!existsSync(CLI)) throw new Error('Prism is not there: run "npm ci --prefix test/openapi/prism" first');
  const port = await freePort();
  const child = spawn(process.execPath, [CLI, 'proxy', '--port', `${port}`, DESCRIPTION, origin], {
    cwd: ROOT,
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (written += text));
  }
  try {
    await until(() => written.includes('Prism is listening') || child.exitCode !== null, 60_000);
    if (child.exitCode !== null) throw new Error('It ended by itself');
  } catch (error) {
    child.kill();
    throw new Error(`Prism does not listen:\n${written}`, { cause: error });
  }
  const client = new ServiceClient(`http://127.0.0.1:${port}`);
  return {
    send: async (request) => {
      const answer = await client.send(request);
      const violations = JSON.parse(String(answer.headers['sl-violations'] ?? '[]')) as Violation[];
      return { answer, violations };
    },
    stop: () => {
      client.close();
      child.kill();
    },
  };
}

/**
 * Holds Prism's opinion against the service's: that the answer is as described; that the request is, where it was granted;
 * and that it is not, where it was refused for what it says.
 *
 * @throws AssertionError that names the operation and its status.
 */
export function expectAgreement(name: string, answer: Answer, violations: readonly Violation[]): void {
  const of = (side: string) => violations.filter(({ location }) => location[0] === side);
  assert.deepEqual(of('response'), [], name);
  if (answer.status < 400) assert.deepEqual(of('request'), [], name);
  const { code } = (answer.body ?? {}) as Partial<ErrorBody>;
  if (code === 'VALIDATION_FAILED') assert.notDeepEqual(of('request'), [], name);
}

/**
 * Whether Prism can carry a request. It ends over a path that can't be decoded, answers bodies that are no JSON by itself,
 * and sends a `Host` of its own; and of pages it can't know, for they are described in words.
 */
export function isCarried({ path, headers = {}, body }: ExactRequest): boolean {
  const isJson = headers['Content-Type']?.includes('json') === true;
  return (
    !('Host' in headers || 'Accept' in headers || path.includes('%zz')) && (!isJson || canBeParsed(body))
  );
}

function canBeParsed(body: ExactRequest['body']): boolean {
  try {
    JSON.parse(String(body));
    return true;
  } catch {
    return false;
  }
}
