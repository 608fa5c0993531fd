import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aSession } from '../support/samples.js';
import { onStore, startProcess, untilReady } from '../support/processes.js';
import { makeStore, type TestStore } from '../support/store.js';

let store: TestStore;
beforeAll(async () => {
  store = await makeStore();
});
afterAll(() => store.remove());

/** A page whose own name was made to resolve to the service's address, as a browser shows it. */
const REBOUND = {
  Host: 'evil.example',
  Origin: 'http://evil.example',
  'Sec-Fetch-Site': 'same-origin',
};

/** The settings in a file with which the service is shipped. */
function shipped(file: string, setting: RegExp): Record<string, string> {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  return Object.fromEntries([...text.matchAll(setting)].map(([, name = '', value = '']) => [name, value]));
}

describe.each<[string, Record<string, string>]>([
  ['a loopback address in short', { HOST: '127.1' }],
  ['all of an IPv6 address', { HOST: '0:0:0:0:0:0:0:1' }],
  ['an IPv4 address as one of IPv6', { HOST: '::ffff:127.0.0.1' }],
  ['a name in capitals', { HOST: 'LOCALHOST' }],
  ['every address, as the image does', shipped('Dockerfile', /\b(HOST|ALLOWED_HOSTS)=(\S+)/g)],
  [
    'every address, as in compose.yaml',
    { HOST: '0.0.0.0', ...shipped('compose.yaml', /\b(ALLOWED_HOSTS): (\S+)/g) },
  ],
])('a service that listens on %s', (_what, environment) => {
  it('refuses a page of another host, and serves its own clients', async () => {
    const service = await startProcess({ ...onStore(store), ...environment });
    try {
      await untilReady(service);
      const { client } = service;
      const session = aSession();
      const refused = [
        await client.create(session, REBOUND),
        await client.send({ path: `/sessions/${session.sessionId}`, headers: REBOUND }),
      ];
      const { port } = new URL(client.origin);
      const own = [
        await client.create(session),
        await client.create(session, { Host: `localhost:${port}`, Origin: `http://localhost:${port}` }),
        await client.create(session, { Host: `10.1.2.3:${port}` }),
      ];

      expect(refused.map(({ status }) => status)).toEqual([403, 403]);
      expect(own.map(({ status }) => status)).toEqual([201, 200, 200]);
    } finally {
      await service.stop();
    }
  });
});
