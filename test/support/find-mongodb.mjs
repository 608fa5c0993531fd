// Finds a real MongoDB for the suites to run on, if one can be had quickly; says why not, if none.

import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const DOWNLOAD_HOST = 'https://fastdl.mongodb.org';
const REACH_MS = 1_500;
const START_MS = 20_000;
const DOWNLOAD_MS = 120_000;

/**
 * In this order: what TEST_MONGODB_URI names; a `mongod` on the PATH; the one that mongodb-memory-server has downloaded
 * before; the one it can download now. MONGODB_URI is not asked: it may name a store that somebody works with.
 *
 * @returns `{ uri, name, stop }`, or `{ missing }`, a sentence that says why there is none.
 */
export async function findMongoDB(environment = process.env) {
  const uri = environment.TEST_MONGODB_URI;
  if (uri) return { uri, name: 'the MongoDB that TEST_MONGODB_URI names', stop: async () => undefined };
  const installed = await findOnPath(environment);
  if (installed) return start(installed, 'on the PATH');
  const cached = await binaryOfMemoryServer({ mayDownload: false });
  if (cached.path) return start(cached.path, 'kept by mongodb-memory-server');

  const host = environment.MONGOMS_DOWNLOAD_MIRROR ?? DOWNLOAD_HOST;
  if (!(await answers(host))) {
    return {
      missing: `no TEST_MONGODB_URI, no mongod on the PATH, and ${host} can't be reached to download one`,
    };
  }
  const downloaded = await binaryOfMemoryServer({ mayDownload: true });
  if (downloaded.path) return start(downloaded.path, 'downloaded by mongodb-memory-server');
  return {
    missing: `no TEST_MONGODB_URI, no mongod on the PATH, and none to download: ${downloaded.reason}`,
  };
}

async function findOnPath({ PATH = '' }) {
  for (const directory of PATH.split(delimiter).filter(Boolean)) {
    const file = join(directory, 'mongod');
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}

async function versionOf(mongod) {
  try {
    const { stdout } = await promisify(execFile)(mongod, ['--version'], { timeout: 5_000 });
    return `mongod ${/v(\d[\d.]*)/.exec(stdout)?.[1] ?? ''}`.trim();
  } catch {
    return 'mongod';
  }
}

async function answers(host) {
  try {
    await fetch(host, { method: 'HEAD', signal: AbortSignal.timeout(REACH_MS) });
    return true;
  } catch {
    return false;
  }
}

/** Where mongodb-memory-server has its `mongod`: `{ path }`, or `{ reason }` where it has none. */
async function binaryOfMemoryServer({ mayDownload }) {
  const { MongoBinary } = await import('mongodb-memory-server');
  process.env.MONGOMS_RUNTIME_DOWNLOAD = String(mayDownload);
  return within(DOWNLOAD_MS, MongoBinary.getPath({})).then(
    (path) => ({ path }),
    (error) => ({ reason: firstLine(error) }),
  );
}

/** Starts a server on a free port, with its data in a temporary directory that goes when it is stopped. */
async function start(mongod, origin) {
  const { MongoMemoryServer } = await import('mongodb-memory-server');
  process.env.MONGOMS_SYSTEM_BINARY_VERSION_CHECK = 'false';
  const name = `${await versionOf(mongod)} (${origin})`;
  const starting = MongoMemoryServer.create({
    binary: { systemBinary: mongod },
    instance: { ip: '127.0.0.1', storageEngine: 'wiredTiger' },
  });
  try {
    const server = await within(START_MS, starting);
    return { uri: server.getUri(), name, stop: () => server.stop() };
  } catch (error) {
    void starting.then((server) => server.stop()).catch(() => undefined); // should it still come
    return { missing: `${name} did not start: ${firstLine(error)}` };
  }
}

async function within(ms, promise) {
  let timer;
  const tooLong = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not there within ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, tooLong]).finally(() => clearTimeout(timer));
}

function firstLine(error) {
  return String(error?.message ?? error).split('\n')[0];
}
