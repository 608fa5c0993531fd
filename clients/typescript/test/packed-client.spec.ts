import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
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
const EXAMPLES = join(CLIENT, 'examples');

/** Its only dependency, as it is installed here. */
const PARSER = fileURLToPath(new URL('../../../node_modules/eventsource-parser', import.meta.url));

const TYPESCRIPT = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));

interface Examples {
  twilioRecorder(
    client: ConversationClient,
    answer: (form: object) => string,
    isGenuine: (request: object, form: object) => boolean,
  ): RequestListener;
  webhookRecorder(client: ConversationClient): RequestListener;
  recordLiveKit(client: ConversationClient, sessionId: string, agentSession: EventEmitter): Promise<void>;
}

let service: TestService;
let client: ConversationClient;
/** Where the packed client is installed, beside copies of its examples. */
let directory: string;
beforeAll(async () => {
  service = await startService();
  client = new ConversationClient({ baseUrl: service.client.origin });
  directory = await mkdtemp(join(tmpdir(), 'css-client-'));
  const pack = ['pack', '--pack-destination', directory];
  await run('npm', ['run', 'build'], { cwd: CLIENT, env });
  await run('npm', pack, { cwd: CLIENT, env });
  await run('npm', [...pack, '--ignore-scripts', PARSER], { cwd: CLIENT, env }); // as the registry would give it
  const tarballs = (await readdir(directory)).filter((name) => name.endsWith('.tgz'));
  await writeFile(join(directory, 'package.json'), '{ "private": true }');
  const install = ['install', '--offline', '--no-audit', '--no-fund'];
  await run('npm', [...install, ...tarballs.map((name) => `./${name}`)], { cwd: directory, env });
  for (const name of await readdir(EXAMPLES)) {
    const text = await readFile(join(EXAMPLES, name), 'utf8');
    await writeFile(join(directory, name), text.replace('http://localhost:3000', service.client.origin));
  }
});
afterAll(async () => {
  await service.close();
  await rm(directory, { recursive: true });
});

async function load<Name extends keyof Examples>(file: string, name: Name): Promise<Examples[Name]> {
  return ((await import(pathToFileURL(join(directory, file)).href)) as Examples)[name];
}

async function sample(name: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(`samples/${name}.json`, import.meta.url), 'utf8'));
}

async function stored(sessionId: string) {
  const { value } = await client.read(sessionId, { limit: 100 }).next();
  if (!value) throw new Error('There is no page');
  const events = value.events.map(({ eventId, type }) => `${eventId} ${type}`);
  return { ...value, events };
}

/** A server for a recorder. @returns what sends it a request, and gives the status of the answer. */
async function serving(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const post = async (path: string, body: string | URLSearchParams, headers: Record<string, string> = {}) =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body, headers })).status;
  return { post, close: () => server.close() };
}

describe('the packed client', () => {
  it('runs the first example of its README in an empty directory, and again without doubling anything', async () => {
    for (let time = 1; time <= 2; time++) {
      const { stdout } = await run(process.execPath, ['record.mjs'], { cwd: directory });
      expect(stdout).toBe('1 My line is dead.\n');
    }
    const installed = await readdir(join(directory, 'node_modules', 'conversation-session-client'));
    expect(installed.sort()).toEqual(['README.md', 'dist', 'package.json']);
  });

  it('can be required by a CommonJS program', async () => {
    const names = "const { ConversationClient } = require('conversation-session-client');";
    const formats = "const { fromVapi } = require('conversation-session-client/formats');";
    const code = `${names}${formats}console.log(typeof ConversationClient, typeof fromVapi)`;
    const { stdout } = await run(process.execPath, ['-e', code], { cwd: directory });
    expect(stdout).toBe('function function\n');
  });

  it('has its types where CommonJS programs look for them, by main and types', async () => {
    await writeFile(
      join(directory, 'program.cts'),
      `import { ConversationClient, type SessionStatus } from 'conversation-session-client';
       import { fromVapi } from 'conversation-session-client/formats';
       const client = new ConversationClient({ baseUrl: 'http://localhost:3000' });
       const status: Promise<SessionStatus> = client.record(fromVapi({ id: 'c' })).then(({ session }) => session.status);
       // @ts-expect-error There is no such method.
       client.nothing(status);`,
    );
    const older = ['--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0'];
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2023', ...older];
    await run(process.execPath, [TYPESCRIPT, ...options, 'program.cts'], { cwd: directory });
  });

  it('shows its examples in its README, and the first one in that of the service', async () => {
    const readme = await readFile(join(CLIENT, 'README.md'), 'utf8');
    for (const name of await readdir(EXAMPLES)) {
      expect(readme).toContain(`\`\`\`js\n${await readFile(join(EXAMPLES, name), 'utf8')}\`\`\`\n`);
    }
    const first = await readFile(join(EXAMPLES, 'record.mjs'), 'utf8');
    expect(await readFile(join(CLIENT, '../../README.md'), 'utf8')).toContain(first);
  });
});

describe('the recorders of its README', () => {
  it('record a call of Twilio, each request once however often it comes', async () => {
    const isGenuine = (_request: object, form: object) => !('Forged' in form);
    const recorder = (await load('twilio.mjs', 'twilioRecorder'))(client, () => '<Response/>', isGenuine);
    const { post, close } = await serving(recorder);
    const CallSid = newId();
    const forms = ((await sample('twilio-requests')) as Record<string, string>[]).slice(0, 5);
    const later = new Date(new Date().getTime() + 60_000).toUTCString().replace('GMT', '+0000');
    const statuses: number[] = [];
    for (const [index, form] of forms.entries()) {
      const time = form['Timestamp'] && { Timestamp: later };
      const request = new URLSearchParams({ ...form, ...time, CallSid });
      const headers = { 'I-Twilio-Idempotency-Token': `token-${index}` };
      statuses.push(await post('/', request, headers), await post('/', request, headers));
    }
    const forged = await post('/', new URLSearchParams({ CallSid, Digits: '2', Forged: 'yes' }));
    close();

    expect([...statuses, forged]).toEqual([...new Array<number>(10).fill(200), 403]);
    expect(await stored(CallSid)).toMatchObject({
      status: 'completed',
      events: expect.arrayContaining([
        'token-0 system',
        'token-1 user_speech',
        'token-2 user_speech',
        'token-3 dtmf',
        'status-3 system',
      ]),
      pagination: { total: 5 },
    });
  });

  it('record an agent of LiveKit, in order', async () => {
    const agentSession = new EventEmitter();
    const sessionId = newId();
    const finished = (await load('livekit.mjs', 'recordLiveKit'))(client, sessionId, agentSession);
    const { items } = (await sample('livekit-history')) as { items: object[] };
    const [asked, functionCall, output, answered, handoff] = items;
    agentSession.emit('conversation_item_added', { item: asked });
    agentSession.emit('function_tools_executed', {
      functionCalls: [functionCall],
      functionCallOutputs: [output],
    });
    agentSession.emit('conversation_item_added', { item: answered });
    agentSession.emit('conversation_item_added', { item: handoff });
    agentSession.emit('close', { error: null });
    await finished;

    expect(await stored(sessionId)).toMatchObject({
      status: 'completed',
      finalSequence: 5,
      events: [
        'item_1 user_speech',
        'item_2 tool_call',
        'item_3 tool_result',
        'item_4 bot_speech',
        'item_5 system',
      ],
    });
  });

  it("record what Vapi's and Retell's webhooks report, once", async () => {
    const { post, close } = await serving((await load('webhooks.mjs', 'webhookRecorder'))(client));
    const vapi = JSON.stringify(await sample('vapi-end-of-call-report'));
    const retell = JSON.stringify(await sample('retell-call'));
    const statuses = [
      await post('/vapi', '{"message":{"type":"status-update","status":"in-progress"}}'),
      await post('/vapi', vapi),
      await post('/vapi', vapi),
      await post('/retell', retell.replace('call_analyzed', 'call_ended')),
      await post('/retell', retell),
    ];
    close();

    expect(statuses).toEqual([204, 204, 204, 204, 204]);
    const call = await stored('01b7c1f2-90ae-7fff-b06b-000000000011');
    expect(call).toMatchObject({ status: 'completed', finalSequence: 6, pagination: { total: 6 } });
    expect(await stored('call_000000000000000000000000001')).toMatchObject({
      startedAt: '2026-01-01T09:05:00.120Z',
      status: 'completed',
      finalSequence: 6,
    });
  });
});
