import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { ROOT } from './markdown.js';
import { makeSharedStore } from '../support/shared-store.js';
import { withDatabase } from '../support/store.js';
import { until } from '../support/until.js';
import { NOT_RUN } from './not-run.js';

const run = promisify(execFile);
const env = { PATH: process.env['PATH'], HOME: tmpdir(), NO_COLOR: '1' };
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

describe.each(['demo.sh', 'run-tests.sh', '.ci/run'])('%s', (script) => {
  it('is executable, can be parsed by bash, and calls a file that exists', async () => {
    accessSync(join(ROOT, script), constants.X_OK);
    await run('bash', ['-n', script], { cwd: ROOT });
    const [, target = 'nothing'] = /^exec .*?([\w-]+(?:\/[\w-]+)*\.(?:mjs|sh))/m.exec(read(script)) ?? [];
    expect(existsSync(join(ROOT, target))).toBe(true);
  });
});

describe('run-tests.sh', () => {
  const USAGE = 'Usage: ./run-tests.sh [--quick] [--node VERSION]';

  it('shows its usage', async () => {
    expect((await run('./run-tests.sh', ['--quick', '--help'], { cwd: ROOT })).stdout).toContain(USAGE);
  });

  it('refuses an unknown argument, and runs nothing', async () => {
    const refusal = run('./run-tests.sh', ['--quick', '--fast'], { cwd: ROOT });

    await expect(refusal).rejects.toMatchObject({
      code: 64,
      stdout: '',
      stderr: expect.stringMatching(/there is no argument "--fast"\n\nUsage: /),
    });
  });

  it.each([['--node'], ['--node', '--quick'], ['--node', '24; echo']])(
    'refuses %s %s',
    async (...options) => {
      await expect(run('./run-tests.sh', options, { cwd: ROOT })).rejects.toMatchObject({
        code: 64,
        stdout: '',
        stderr: expect.stringContaining('--node needs a version'),
      });
    },
  );
});

describe('demo.sh', () => {
  it('shows its usage', async () => {
    expect((await run('./demo.sh', ['--keep', '--help'], { cwd: ROOT })).stdout).toContain(
      'Usage: ./demo.sh',
    );
  });

  it('refuses an unknown argument, and runs nothing', async () => {
    await expect(run('./demo.sh', ['--keep', '--quick'], { cwd: ROOT })).rejects.toMatchObject({
      code: 64,
      stdout: '',
      stderr: expect.stringMatching(/there is no argument "--quick"\n\nUsage: /),
    });
  });
});

describe('the tour of demo.sh', () => {
  const tour = (environment: object, ...options: string[]) => {
    const process_ = spawn(process.execPath, ['demo/tour.mjs', ...options], {
      cwd: ROOT,
      env: { ...env, ...environment },
    });
    const written = { text: '' };
    process_.stdout.setEncoding('utf8').on('data', (text: string) => (written.text += text));
    return { process: process_, written, ended: once(process_, 'exit') };
  };

  it('finds every response right in a database of its own, which is gone at the end, on screens of 80 × 24', async () => {
    const store = await makeSharedStore();
    try {
      const { written, ended } = tour({ MONGODB_URI: store.mongodbUri });
      expect([await ended, written.text]).toEqual([[0, null], expect.stringContaining('All 12 steps')]);

      const [, database = ''] =
        /as MONGODB_URI says\n +database +(conversation_demo_\w+), which is dropped/.exec(written.text) ?? [];
      const uri = withDatabase(store.mongodbUri, database);
      const connection = await mongoose.createConnection(uri).asPromise();
      expect(await connection.collection('events').countDocuments()).toBe(0);
      await connection.close();
      const [, origin = ''] = /service +(http:\S+)/.exec(written.text) ?? [];
      await expect(fetch(origin)).rejects.toThrow('fetch failed');

      const screens = written.text.split(/\n(?= {2}Conversation Session Service)/).slice(1);
      const PROMPT = 1;
      const heights = screens.map((screen) => {
        const rows = screen.trimEnd().split('\n');
        return rows.reduce((sum, row) => sum + Math.max(1, Math.ceil(row.length / 80)), PROMPT);
      });
      expect(heights.length).toBeGreaterThanOrEqual(12);
      expect(Math.max(...heights)).toBeLessThanOrEqual(24);
    } finally {
      await store.remove();
    }
  });

  it('keeps the service running if asked to, with only the call, and its commands can be pasted', async () => {
    const { process: running, written, ended } = tour({}, '--keep');
    try {
      await until(() => written.text.includes('Ctrl+C') || running.exitCode !== null, 240_000);
      const pages = [...written.text.matchAll(/^ +(?:all calls|this call|the API) +(http:\S+)$/gm)];
      expect(pages).toHaveLength(3);
      for (const [, url = ''] of pages) expect((await fetch(url)).status).toBe(200);
      const origin = new URL(String(pages[0]?.[1])).origin;
      expect(await (await fetch(`${origin}/sessions`)).json()).toMatchObject({
        sessions: [{ sessionId: 'call-48213' }],
      });

      // A command goes on in the rows that are indented once more.
      const commands = [...written.text.matchAll(/^ {2}\$ (curl .*(?:\n {4}(?=\S).*)*)$/gm)].map(
        ([, text = '']) => text,
      );
      expect(commands.length).toBeGreaterThan(20);
      const all = await run('bash', ['-e', '-c', commands.join('\n')], { cwd: ROOT });
      const responses = all.stdout.match(/^HTTP\/1\.1 /gm);
      expect(responses).toHaveLength(commands.filter((command) => command.startsWith('curl -i ')).length);
      expect(all.stdout).toMatch(/^event: session$/m); // the output of curl -N
    } finally {
      running.kill('SIGINT');
    }
    expect(await ended).toEqual([0, null]);
  });
});

describe('npm run guarantees', () => {
  it('supports every option that docs/guarantees.md uses', async () => {
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

  it('is built of files that exist, and starts a program that the build creates', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, files = '']) =>
      files.split(' '),
    );
    expect(copied.length).toBeGreaterThan(0);
    expect(copied.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expect(dockerfile).toMatch(/^CMD \[.*"dist\/main\.js"\]$/m);
  });

  it('and all others are pinned by version and digest, and MongoDB’s is the same everywhere', () => {
    const named = ['Dockerfile', 'compose.yaml', '.github/workflows/mongodb.yml'].map(
      (path) => /^ *(?:ARG NODE_IMAGE=|image: |MONGO_IMAGE: )(\S+)$/m.exec(read(path))?.[1] ?? '',
    );
    for (const image of named) expect(image).toMatch(/^[a-z]+:\d+\.\d+\.\d+[a-z-]*@sha256:[0-9a-f]{64}$/);
    expect(named[1]).toBe(named[2]);
  });

  it('is what compose.yaml builds, with the published port that docs/operations.md names', () => {
    expect(read('compose.yaml')).toMatch(/^ {4}build: \.$/m);
    const [, port] =
      /starts the service with a MongoDB.*<http:\/\/localhost:(\d+)>/.exec(read('docs/operations.md')) ?? [];
    expect(read('compose.yaml')).toContain(`- 127.0.0.1:${String(port)}:`);
    expect(dockerfile).toContain(`EXPOSE ${String(port)}`);
  });
});
