import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ROOT } from '../docs/markdown.js';
import { ServiceClient } from '../support/client.js';
import { freePorts } from '../support/ports.js';
import { startProcess, untilReady, type ServiceProcess } from '../support/processes.js';
import { aSession, anEvent, createSession, upTo } from '../support/samples.js';
import { makeSharedStore, type SharedStore } from '../support/shared-store.js';
import { describeWith, output } from '../support/tools.js';
import { until } from '../support/until.js';

const HOST = { Host: 'calls.example.com' };

let store: SharedStore;
let directory: string;
beforeAll(async () => {
  store = await makeSharedStore();
  directory = mkdtempSync(join(tmpdir(), 'css-proxies-'));
});
afterAll(async () => {
  await store.remove();
  rmSync(directory, { recursive: true, force: true });
});

/** Writes the file of `deploy/` with free ports. @returns its path, that of the proxy, and those of the instances. */
async function configure(file: string) {
  const [front = '', ...ports] = await freePorts(4);
  const text = readFileSync(join(ROOT, 'deploy', file), 'utf8')
    .replace(/(listen |bind :)80\d\d/, `$1${front}`)
    .replace(/127\.0\.0\.1:300([123])/g, (_, n: string) => `127.0.0.1:${ports[Number(n) - 1] ?? ''}`);
  const path = join(directory, file);
  writeFileSync(path, text);
  return { path, front, ports };
}

/**
 * Appends behind a proxy to the three instances that its file is written for, while one is killed and one replaced.
 *
 * @returns the statuses of the appends that failed.
 */
async function failuresBehind(
  proxy: ChildProcess,
  front: string,
  ports: readonly string[],
): Promise<number[]> {
  const start = async (PORT: string) => {
    const settings = { ALLOWED_HOSTS: HOST.Host, SHUTDOWN_DELAY_MS: '5000' };
    const service = await startProcess({ MONGODB_URI: store.mongodbUri, PORT, ...settings });
    await untilReady(service);
    return service;
  };
  const services: ServiceProcess[] = await Promise.all(ports.map(start));
  const client = new ServiceClient(`http://127.0.0.1:${front}`);
  try {
    const isUp = () =>
      client.create(aSession(), HOST).then(
        ({ status }) => status === 201,
        () => false,
      );
    await until(isUp, 60_000);
    expect(await client.send({ path: '/metrics', headers: HOST })).toMatchObject({ status: 404 });
    const other = await client.create(aSession(), { Host: 'rebound.example.net' });
    expect(other.body).toMatchObject({ code: 'HOST_REFUSED' }); // so the client's own Host reaches the service
    const large = upTo(15).map(() => anEvent({ payload: { text: 'x'.repeat(255_000) } }));
    expect(await client.appendBatch(await createSession(client), large)).toMatchObject({ status: 201 });

    const sessions = await Promise.all(upTo(12).map(() => createSession(client)));
    const appended: number[] = [];
    let goesOn = true;
    const recorders = sessions.map(async (sessionId) => {
      while (goesOn) {
        appended.push((await client.append(sessionId, anEvent(), HOST)).status);
        await sleep(20);
      }
    });
    const untilMore = (soFar = appended.length) =>
      until(() => Promise.resolve(appended.length > soFar + 300), 60_000);
    await untilMore();
    await services[0]?.stop('SIGKILL');
    await untilMore();
    services[0] = await start(ports[0] ?? '');
    expect(await services[1]?.stop()).toMatchObject({ code: 0 });
    await untilMore();
    goesOn = false;
    await Promise.all(recorders);
    // 200 for what was sent to another instance though the first one had stored it.
    return appended.filter((status) => status !== 201 && status !== 200);
  } finally {
    client.close();
    await Promise.all(services.map((service) => service.stop('SIGKILL')));
    const ended = once(proxy, 'exit');
    proxy.kill('SIGTERM');
    await ended;
  }
}

describeWith('nginx', 'Debian', (nginx) => {
  it('no request fails behind it while instances are killed and replaced', async () => {
    const { path, front, ports } = await configure('nginx.conf');
    const main = join(directory, 'main.conf');
    const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${directory}/${name};`,
    );
    writeFileSync(
      main,
      `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; pid ${directory}/nginx.pid;
      error_log ${directory}/error.log; events {}
      http { access_log off; ${folders.join(' ')} include ${path}; }`,
    );
    await output(nginx, '-t', '-c', main);
    const proxy = spawn(nginx, ['-c', main], { stdio: 'ignore' });
    expect(await failuresBehind(proxy, front, ports)).toEqual([]);
  });
});

describeWith('haproxy', 'Debian', (haproxy) => {
  it('no request fails behind it while instances are killed and replaced', async () => {
    const { path, front, ports } = await configure('haproxy.cfg');
    await output(haproxy, '-c', '-f', path);
    const proxy = spawn(haproxy, ['-db', '-f', path], { stdio: 'ignore' });
    expect(await failuresBehind(proxy, front, ports)).toEqual([]);
  });
});
