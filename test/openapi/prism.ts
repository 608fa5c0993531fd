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

/** A fault that Prism finds in a request or its response. */
export interface Violation {
  /** `request` or `response`, and the path to the fault in it. */
  readonly location: readonly [side: string, ...way: string[]];
  readonly severity: string;
  readonly message: string;
}

/** Prism as a proxy before a service, which validates the traffic against docs/openapi.json. */
export interface Prism {
  /** Sends a request through Prism. @returns the service's response, and Prism's findings on both. */
  send(request: ExactRequest): Promise<{ answer: Answer; violations: readonly Violation[] }>;
  stop(): void;
}

/**
 * Starts Prism, and waits until it listens. Without its `--errors` option, it also forwards invalid requests, and
 * reports faults in a header; with it, it would answer them itself, and never see how the service refuses them.
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
 * Compares Prism's verdict with the service's: the response must match the description; so must the request if it was
 * accepted, and it must not if it was refused for its content.
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
 * Whether Prism can forward a request. It crashes on paths that can't be decoded, answers bodies that are not JSON
 * itself, and sends its own `Host`; and it does not know the HTML pages, which are described only in words.
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
