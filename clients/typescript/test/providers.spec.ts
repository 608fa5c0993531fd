import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';

/**
 * The packages of providers, whose types the samples are taken from: `./run-tests.sh --providers` installs them. The other
 * suites hold the converters to the samples.
 */
const PACKAGES = new URL('providers/node_modules/', import.meta.url);
/** Programs that the compiler reads beside them; their own folder is ignored by git and by other tools. */
const PROGRAMS = new URL('.checked/', PACKAGES);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const TYPESCRIPT = `${ROOT}node_modules/typescript/bin/tsc`;

const sample = (name: string) => readFile(new URL(`samples/${name}.json`, import.meta.url), 'utf8');

/** What is compiled for a package: its sample as a value of its type, given to the converter. */
const CHECKS: Readonly<Record<string, () => Promise<string>>> = {
  '@vapi-ai/server-sdk': async () => `
    import type { Vapi } from '@vapi-ai/server-sdk';
    const report: { message: Vapi.ServerMessageEndOfCallReport } = ${await sample('vapi-end-of-call-report')};
    formats.fromVapi(report);
    formats.fromVapi(report.message);
    export const fromCall = (call: Vapi.Call) => formats.fromVapi(call);`,
  'retell-sdk': async () => `
    import type Retell from 'retell-sdk';
    const webhook: { event: string; call: Retell.CallResponse } = ${await sample('retell-call')};
    formats.fromRetell(webhook);
    formats.fromRetell(webhook.call);`,
  '@elevenlabs/elevenlabs-js': async () => `
    import type { GetConversationResponseModel } from '@elevenlabs/elevenlabs-js/serialization/types/GetConversationResponseModel.js';
    const webhook: { type: string; event_timestamp: number; data: GetConversationResponseModel.Raw } =
      ${await sample('elevenlabs-post-call')};
    formats.fromElevenLabs(webhook);
    formats.fromElevenLabs(webhook.data);`,
  // Its sample is what agents in Python write; those in Node.js have classes and events.
  '@livekit/agents': () =>
    Promise.resolve(`
    import { llm, voice } from '@livekit/agents';
    export function record(session: voice.AgentSession) {
      const items = (items: llm.ChatItem[]) => formats.fromLiveKit({ items }, { sessionId: 'room' });
      session.on(voice.AgentSessionEventTypes.ConversationItemAdded, ({ item }) => items([item]));
      session.on(voice.AgentSessionEventTypes.FunctionToolsExecuted, ({ functionCalls, functionCallOutputs }) =>
        items([...functionCalls, ...functionCallOutputs]));
      session.on(voice.AgentSessionEventTypes.Close, ({ error }) => error);
      return formats.fromLiveKit(session.history, { sessionId: 'room' });
    }`),
  '@openai/agents-realtime': async () => {
    const events = JSON.parse(await sample('openai-realtime-events')) as { type: string }[];
    // The package knows the items by the name that came after this one.
    const known = events.filter(({ type }) => type !== 'conversation.item.created');
    const values = known.map((event) => `as<'${event.type}'>(${JSON.stringify(event)})`);
    return `
    import type { RealtimeServerEvent } from '../@openai/agents-realtime/dist/openaiRealtimeEvents.js';
    const as = <Type extends RealtimeServerEvent['type']>(event: Extract<RealtimeServerEvent, { type: Type }>) => event;
    formats.fromOpenAIRealtime([${values.join(', ')}]);`;
  },
};

const isInstalled = (name: string) => existsSync(new URL(`${name}/package.json`, PACKAGES));

/** Compiles files. @returns what the compiler says of each, by the name of its file. */
async function compile(parameters: readonly string[]): Promise<string> {
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--types', 'node', '--target', 'es2023'];
  const command = [TYPESCRIPT, ...options, ...parameters];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT }).catch(
    (error: unknown) => error as { stdout: string },
  );
  return stdout;
}

const fileOf = (name: string) => `${name.replaceAll(/\W/g, '-')}.ts`;
const installed = Object.keys(CHECKS).filter(isInstalled);
let said = '';
beforeAll(async () => {
  if (installed.length === 0) return;
  await mkdir(PROGRAMS, { recursive: true });
  const files: string[] = [];
  for (const name of installed) {
    const file = fileURLToPath(new URL(fileOf(name), PROGRAMS));
    const formats = "import * as formats from '../../../../src/formats/index.js';";
    await writeFile(file, `${formats}\n${(await CHECKS[name]?.()) ?? ''}\n`);
    files.push(file);
  }
  said = await compile(['--ignoreConfig', '--module', 'nodenext', ...files]);
});

/** What can't be had is not checked, and the results say so. */
const given = (name: string) => (isInstalled(name) ? describe : describe.skip);

for (const name of Object.keys(CHECKS)) {
  given(name)(`the types of ${name}`, () => {
    it('fit the sample and the converter', () => {
      const lines = said.split(/\n(?! )/).filter((line) => line.includes(`.checked/${fileOf(name)}`));
      expect(lines).toEqual([]);
    });

    it('are found, and so is all else', () => {
      expect(said.split('\n').filter((line) => !line.includes('.checked/'))).toEqual(['']);
    });
  });
}

given('twilio')('the package of Twilio', () => {
  it("signs the sample's forms so that the recorder can tell them from others", async () => {
    const path = fileURLToPath(new URL('twilio/lib/webhooks/webhooks.js', PACKAGES));
    const { getExpectedTwilioSignature, validateRequest } = createRequire(import.meta.url)(path) as {
      getExpectedTwilioSignature: (token: string, url: string, form: object) => string;
      validateRequest: (token: string, signature: string, url: string, form: object) => boolean;
    };
    const url = 'https://example.org/twilio';
    for (const form of JSON.parse(await sample('twilio-requests')) as Record<string, string>[]) {
      const received = Object.fromEntries(new URLSearchParams(new URLSearchParams(form).toString()));
      const signature = getExpectedTwilioSignature('secret', url, form);
      expect(validateRequest('secret', signature, url, received)).toBe(true);
      expect(validateRequest('secret', signature, url, { ...received, Digits: '9' })).toBe(false);
    }
  });
});
