import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from './markdown.js';
import { NOT_RUN } from './not-run.js';

const run = promisify(execFile);
const env = { PATH: process.env['PATH'], HOME: tmpdir(), NO_COLOR: '1' };
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

describe.each(['demo.sh', 'run-tests.sh', '.ci/run'])('%s', (script) => {
  it('can be run, is a script that bash can read, and hands over to a file that exists', async () => {
    accessSync(join(ROOT, script), constants.X_OK);
    await run('bash', ['-n', script], { cwd: ROOT });
    const [, target = 'nothing'] = /^exec .*?([\w-]+(?:\/[\w-]+)*\.(?:mjs|sh))/m.exec(read(script)) ?? [];
    expect(existsSync(join(ROOT, target))).toBe(true);
  });
});

describe('run-tests.sh', () => {
  const USAGE = 'Usage: ./run-tests.sh [--quick]';

  it('tells how it is used', async () => {
    expect((await run('./run-tests.sh', ['--quick', '--help'], { cwd: ROOT })).stdout).toContain(USAGE);
  });

  it('refuses an argument that it does not know, and runs nothing', async () => {
    const refusal = run('./run-tests.sh', ['--quick', '--fast'], { cwd: ROOT });

    await expect(refusal).rejects.toMatchObject({
      code: 64,
      stdout: '',
      stderr: expect.stringMatching(/there is no argument "--fast"\n\nUsage: /),
    });
  });
});

describe('the tour of demo.sh', () => {
  it('goes from its beginning to its end, and finds every answer right', async () => {
    const { stdout } = await run(process.execPath, ['demo/tour.mjs'], { cwd: ROOT, env });
    expect(stdout).toContain('Try it yourself');
    expect(stdout).not.toContain('✗');
  });
});

describe('npm run guarantees', () => {
  it('knows every option that docs/guarantees.md gives it', async () => {
    const { stdout } = await run('npm', ['run', '--silent', 'guarantees', '--', '--help'], {
      cwd: ROOT,
      env,
    });
    const [listed] = NOT_RUN.filter(({ page }) => page === 'docs/guarantees.md');
    const options = [...(listed?.commands.matchAll(/--[a-z]+(?= \w)/g) ?? [])].map(([option]) => option);
    expect(options.length).toBeGreaterThan(0);
    expect(options.filter((option) => !stdout.includes(`\n  ${option} `))).toEqual([]);
  });
});

describe('the image', () => {
  const dockerfile = read('Dockerfile');

  it('is built of files that exist, and runs a program that is built', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, files = '']) =>
      files.split(' '),
    );
    expect(copied.length).toBeGreaterThan(0);
    expect(copied.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expect(dockerfile).toMatch(/^CMD \[.*"dist\/main\.js"\]$/m);
  });

  it('is what compose.yaml builds, and where it publishes what docs/operations.md says', () => {
    expect(read('compose.yaml')).toMatch(/^ {4}build: \.$/m);
    const [, port] =
      /starts it on a MongoDB.*<http:\/\/localhost:(\d+)>/.exec(read('docs/operations.md')) ?? [];
    expect(read('compose.yaml')).toContain(`- 127.0.0.1:${String(port)}:`);
    expect(dockerfile).toContain(`EXPOSE ${String(port)}`);
  });
});
