import type { Command, Context, Reply } from './command.js';
import { MAX_DOCUMENT_BYTES } from '../storage/collection.js';
import { MAX_MESSAGE_BYTES } from '../wire/frames.js';

/** The version whose commands and answers this store follows. */
export const VERSION = '7.0.0';
const WIRE_VERSION = 21;

/** A standalone server: no replica set, so drivers neither retry writes nor start transactions. */
function run({ connection, args }: Context): Reply {
  const primary = args.name === 'hello' ? { isWritablePrimary: true } : { ismaster: true };
  return {
    ...primary,
    helloOk: true,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: connection,
    minWireVersion: 0,
    maxWireVersion: WIRE_VERSION,
    readOnly: false,
  };
}

const FIELDS = [
  'helloOk',
  'client',
  'compression',
  'loadBalanced',
  'saslSupportedMechs',
  'speculativeAuthenticate',
  'topologyVersion',
  'maxAwaitTimeMS',
  'hostInfo',
  'backpressure',
];

export const hello: Command = { fields: FIELDS, run };
