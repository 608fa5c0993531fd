import { type Connection, type ConnectOptions } from 'mongoose';

const DEFAULT_DATABASE = 'conversations';

/**
 * Completes a MongoDB URI with the options that the service needs; options in the URI take precedence.
 *
 * - `w=majority`, `journal`: acknowledged means on disk, on the majority of a replica set.
 * - `readConcernLevel=majority`: reads return only what is acknowledged in this sense, so no response (above all, no
 * replay) shows anything that a failover may take back. A standalone server is its own majority.
 * - the heartbeat: so that a dead monitor of the driver is noticed soon (see `HeartbeatWatch`).
 * - the time-outs: a server that is unreachable, stalls, or has no free connection is an error, not a wait.
 *
 * @param others further options, or other values for these.
 */
export function completeUri(
  uri: string,
  timeoutMs: number,
  others: Readonly<Record<string, unknown>> = {},
): string {
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
    heartbeatFrequencyMS: Math.max(500, timeoutMs), // the driver's minimum
    ...others,
  };
  for (const [name, value] of Object.entries(wanted)) {
    if (!given.has(name.toLowerCase())) parameters.append(name, String(value));
  }
  const path = address.replace(/^(mongodb(?:\+srv)?:\/\/[^/]+)$/, '$1/');
  return `${path}?${parameters.toString()}`;
}

/** The options that a URI can't express. */
export function connectionOptions(uri: string): ConnectOptions {
  return {
    ...(!/^mongodb(\+srv)?:\/\/[^/?]+\/[^?]/.test(uri) && { dbName: DEFAULT_DATABASE }),
    autoIndex: false, // StoreConnection creates the indexes, and knows when they are ready
    autoCreate: false,
    bufferCommands: false, // a command that can't be sent is answered with 503 and does not hang
  };
}

/**
 * Makes the driver decode lists whose field is called `constructor`, `toString` or the like. It looks names up in a
 * plain object (`fieldsAsRaw`) without checking for own properties; without this, `{ "constructor": [{}] }` would come
 * back as bytes. This is not an option of the connection, because Mongoose copies those.
 */
export function decodeEveryList(connection: Connection): void {
  Object.setPrototypeOf(connection.getClient().bsonOptions.fieldsAsRaw ?? {}, null);
}
