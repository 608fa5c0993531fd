import { type Connection, type ConnectOptions } from 'mongoose';

const DEFAULT_DATABASE = 'conversations';

/**
 * Completes a MongoDB URI with how the service wants to be served; what the URI says already stands.
 *
 * - `w=majority`, `journal`: acknowledged means on disk, on the majority of a replica set.
 * - `readConcernLevel=majority`: reads see only what is acknowledged so, and no answer, a replay's above all, shows
 *   what a failover may still take back. A standalone server is its own majority.
 * - the heartbeat: so that a monitor of the driver that has died is noticed soon (see `HeartbeatWatch`).
 * - the time-outs: a server that is away, stalls, or has no connection to spare is an error, not a wait.
 */
export function completeUri(uri: string, timeoutMs: number): string {
  const [address = '', query = ''] = uri.split('?');
  const parameters = new URLSearchParams(query);
  const given = new Set([...parameters.keys()].map((name) => name.toLowerCase()));
  const wanted = {
    w: 'majority',
    journal: 'true',
    readConcernLevel: 'majority',
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    socketTimeoutMS: timeoutMs,
    waitQueueTimeoutMS: timeoutMs,
    heartbeatFrequencyMS: Math.max(500, timeoutMs), // the driver takes no less
  };
  for (const [name, value] of Object.entries(wanted)) {
    if (!given.has(name.toLowerCase())) parameters.append(name, String(value));
  }
  const path = address.replace(/^(mongodb(?:\+srv)?:\/\/[^/]+)$/, '$1/');
  return `${path}?${parameters.toString()}`;
}

/** The part of the options that no URI can say. */
export function connectionOptions(uri: string): ConnectOptions {
  return {
    ...(!/^mongodb(\+srv)?:\/\/[^/?]+\/[^?]/.test(uri) && { dbName: DEFAULT_DATABASE }),
    autoIndex: false, // StoreConnection builds them, and knows when they are there
    autoCreate: false,
    bufferCommands: false, // a command that can't be sent is an answer of 503, not a request that hangs
  };
}

/**
 * Keeps the driver from leaving lists undecoded whose field is called `constructor`, `toString` or the like. It looks a
 * name up in a plain object (`fieldsAsRaw`) without asking whether the object itself has it, so that without this
 * `{ "constructor": [{}] }` would come back as bytes. Not an option of the connection: Mongoose copies those.
 */
export function decodeEveryList(connection: Connection): void {
  Object.setPrototypeOf(connection.getClient().bsonOptions.fieldsAsRaw ?? {}, null);
}
