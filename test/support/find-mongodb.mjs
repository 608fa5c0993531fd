// Finds a real MongoDB for the suites to run on, if one can be had quickly; says why not, if none.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

const DOWNLOAD_HOST = 'https://fastdl.mongodb.org';
const REACH_MS = 1_500;
const START_MS = 120_000;

/**
 * In this order: what TEST_MONGODB_URI names; a `mongod` on the PATH; the one that mongodb-memory-server has or can
 * download.
 *
 * @returns `{ uri, name, stop }`, or `{ missing }`, a sentence that says why there is none.
 */
export async function findMongoDB() {
  const uri = process.env.TEST_MONGODB_URI;
  if (uri) return { uri, name: 'the MongoDB that TEST_MONGODB_URI names' };
  const installed = process.env.PATH?.split(delimiter)
    .map((folder) => join(folder, 'mongod'))
    .find(isExecutable);
  if (installed) return start(installed);
  const { MongoBinary } = await import('mongodb-memory-server');
  process.env.MONGOMS_RUNTIME_DOWNLOAD = 'false';
  const kept = await MongoBinary.getPath({}).catch(() => undefined);
  if (kept) return start(kept);
  const host = process.env.MONGOMS_DOWNLOAD_MIRROR ?? DOWNLOAD_HOST;
  const isReachable = await fetch(host, { method: 'HEAD', signal: AbortSignal.timeout(REACH_MS) }).then(
    () => true,
    () => false,
  );
  process.env.MONGOMS_RUNTIME_DOWNLOAD = 'true';
  if (isReachable) return start();
  return {
    missing: `no TEST_MONGODB_URI, no mongod on the PATH, and ${host} can't be reached to download one`,
  };
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts a server on a free port, with its data in a temporary directory that goes when it is stopped. */
async function start(systemBinary) {
  const { MongoMemoryServer } = await import('mongodb-memory-server');
  process.env.MONGOMS_SYSTEM_BINARY_VERSION_CHECK = 'false';
  const starting = MongoMemoryServer.create({
    ...(systemBinary && { binary: { systemBinary } }),
    instance: { ip: '127.0.0.1', storageEngine: 'wiredTiger' },
  });
  let timer;
  const tooLate = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not there within ${START_MS / 1000} s`)), START_MS);
  });
  try {
    const server = await Promise.race([starting, tooLate]);
    return { uri: server.getUri(), name: systemBinary ?? 'a downloaded mongod', stop: () => server.stop() };
  } catch (error) {
    void starting.then((server) => server.stop()).catch(() => undefined); // should it still come
    return { missing: `${systemBinary ?? 'mongod'} did not start: ${String(error.message).split('\n')[0]}` };
  } finally {
    clearTimeout(timer);
  }
}
