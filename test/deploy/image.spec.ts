import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startProcess, untilReady } from '../support/processes.js';
import { anEvent, createSession } from '../support/samples.js';
import { makeSharedStore, type SharedStore } from '../support/shared-store.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The packages of the embedded store, whose binaries don't run everywhere. */
const NATIVE = /^(@?lmdb|fs-native-extensions)\b/;

let store: SharedStore;
let image: string;
beforeAll(async () => {
  store = await makeSharedStore();
  image = mkdtempSync(join(tmpdir(), 'css-image-'));
});
afterAll(async () => {
  await store.remove();
  rmSync(image, { recursive: true, force: true });
});

/** The packages that the second stage of the Dockerfile installs and keeps. */
function packagesOfTheImage(): string[] {
  const [, removed = ''] = /rm -rf (.*)/.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')) ?? [];
  expect(removed.split(' ')).toContain('@nestjs');
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  return Object.entries(lock.packages).flatMap(([path, { dev, optional }]) => {
    const [, name = ''] = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? [];
    const isRemoved = removed.split(' ').some((folder) => `${name}/`.startsWith(`${folder}/`));
    return name === '' || dev || optional || isRemoved ? [] : [name];
  });
}

it('with MONGODB_URI, the service needs only what the image keeps, and no native package of the embedded store', async () => {
  cpSync(join(ROOT, 'dist'), join(image, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(image, 'package.json'));
  for (const name of packagesOfTheImage().filter((name) => !NATIVE.test(name))) {
    mkdirSync(dirname(join(image, 'node_modules', name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(image, 'node_modules', name));
  }

  const program = join(image, 'dist/main.js');
  const service = await startProcess({ MONGODB_URI: store.mongodbUri }, { program });
  await untilReady(service);
  const sessionId = await createSession(service.client);
  expect(await service.client.append(sessionId, anEvent())).toMatchObject({ status: 201 });
  expect(await service.client.send({ path: '/docs/swagger-ui-bundle.js' })).toMatchObject({ status: 200 });
  expect(await service.stop()).toMatchObject({ code: 0 });
});
