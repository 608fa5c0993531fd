import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConversationClient } from '../src/index.js';
import { newId } from '../../../test/support/samples.js';
import { startService, type TestService } from '../../../test/support/service.js';

const run = promisify(execFile);
/** As in a fresh shell: npm passes its settings on to child processes, and this project's forbid install scripts. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
const CLIENT = fileURLToPath(new URL('..', import.meta.url));

/** Its only dependency, as it is installed here. */
const PARSER = fileURLToPath(new URL('../../../node_modules/eventsource-parser', import.meta.url));

interface Agent {
  recordAgent(
    client: ConversationClient,
    sessionId: string,
    agent: EventEmitter,
  ): { finished: Promise<void> };
}
interface Webhooks {
  recordWebhooks(client: ConversationClient): Server;
}

let service: TestService;
let client: ConversationClient;
let directory: string;
/** The README's JavaScript blocks, by the name in their first line; the first block has none. */
let blocks: Map<string, string>;
beforeAll(async () => {
  service = await startService();
  client = new ConversationClient({ baseUrl: service.client.origin });
  directory = await mkdtemp(join(tmpdir(), 'css-client-'));
  const readme = await readFile(join(CLIENT, 'README.md'), 'utf8');
  const code = [...readme.matchAll(/^```js\n(?:\/\/ (\S+\.mjs)\n)?([^]*?)^```$/gm)];
  blocks = new Map(code.map(([, name = 'first.mjs', text = '']) => [name, text]));
  for (const [name, text] of blocks) {
    await writeFile(join(directory, name), text.replace('http://localhost:3000', service.client.origin));
  }
});
afterAll(async () => {
  await service.close();
  await rm(directory, { recursive: true });
});

async function read(sessionId: string) {
  const { value } = await client.read(sessionId).next();
  if (!value) throw new Error('There is no page');
  const events = value.events.map(({ eventId, type, payload }) => [eventId, type, payload['text']]);
  return { ...value, events };
}

const load = async (name: string) => (await import(pathToFileURL(join(directory, name)).href)) as object;

describe('the packed client', () => {
  it('can be installed in an empty directory, and runs the first example of its README', async () => {
    const pack = ['pack', '--pack-destination', directory];
    await run('npm', ['run', 'build'], { cwd: CLIENT, env });
    await run('npm', pack, { cwd: CLIENT, env });
    await run('npm', [...pack, '--ignore-scripts', PARSER], { cwd: CLIENT, env }); // as the registry would give it
    const tarballs = (await readdir(directory)).filter((name) => name.endsWith('.tgz'));
    await writeFile(join(directory, 'package.json'), '{ "private": true }');
    await run(
      'npm',
      ['install', '--offline', '--no-audit', '--no-fund', ...tarballs.map((name) => `./${name}`)],
      {
        cwd: directory,
        env,
      },
    );
    const { stdout } = await run(process.execPath, ['first.mjs'], { cwd: directory });

    expect(stdout).toBe('1 My line is dead.\n');
    expect(await readFile(join(CLIENT, '../../README.md'), 'utf8')).toContain(blocks.get('first.mjs'));
    const installed = await readdir(join(directory, 'node_modules', 'conversation-session-client'));
    expect(installed.sort()).toEqual(['README.md', 'dist', 'package.json']);
  });
});

describe('the recorders of its README', () => {
  it('have some 30 lines each', () => {
    const lengths = [...blocks.values()].map((text) => text.split('\n').length);
    expect(lengths).toHaveLength(3);
    expect(lengths.filter((length) => length > 35)).toEqual([]);
  });

  it('record a call by webhooks, and a repeated webhook once', async () => {
    const server = ((await load('webhooks.mjs')) as Webhooks).recordWebhooks(client).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const CallSid = newId();
    const post = async (form: Record<string, string>) =>
      (
        await fetch(`http://127.0.0.1:${port}`, {
          method: 'POST',
          body: new URLSearchParams({ CallSid, From: '+44', ...form }),
        })
      ).status;
    const speech = {
      CallStatus: 'in-progress',
      SpeechResult: 'Hello?',
      Confidence: '0.9',
      SequenceNumber: '1',
    };
    const statuses = [
      await post({ CallStatus: 'ringing' }),
      await post(speech),
      await post(speech),
      await post({ CallStatus: 'completed' }),
    ];
    server.close();

    expect(statuses).toEqual([204, 204, 204, 204]);
    expect(await read(CallSid)).toMatchObject({
      status: 'completed',
      metadata: { from: '+44' },
      events: [[`${CallSid}-1`, 'user_speech', 'Hello?']],
    });
  });

  it('record a voice agent, in order', async () => {
    const agent = new EventEmitter();
    const sessionId = newId();
    const { finished } = ((await load('agent.mjs')) as Agent).recordAgent(client, sessionId, agent);
    const item = (id: string, role: string, textContent: string) => {
      agent.emit('conversation_item_added', { item: { id, role, textContent, createdAt: Date.now() } });
    };
    item('i1', 'assistant', 'Good morning.');
    item('i2', 'user', 'My line is dead.');
    agent.emit('function_tools_executed', { calls: ['lookup'], createdAt: Date.now() });
    item('i3', 'assistant', 'I see.');
    agent.emit('close', {});
    await finished;

    expect(await read(sessionId)).toMatchObject({
      status: 'completed',
      finalSequence: 4,
      events: [
        ['i1', 'bot_speech', 'Good morning.'],
        ['i2', 'user_speech', 'My line is dead.'],
        [expect.any(String), 'system', undefined],
        ['i3', 'bot_speech', 'I see.'],
      ],
    });
  });
});
