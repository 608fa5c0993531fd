import { MAX_DOCUMENT_BYTES } from '../storage/collection.js';
import { MAX_MESSAGE_BYTES } from '../wire/frames.js';
import type { Command, Commands } from './command.js';

/** That of MongoDB 7.0. */
const WIRE_VERSION = 21;

/** Fields with which a client may describe itself when it connects. */
const ABOUT_CLIENT =
  'helloOk client compression loadBalanced saslSupportedMechs speculativeAuthenticate topologyVersion maxAwaitTimeMS hostInfo backpressure';

/** A standalone server: no replica set, so drivers neither retry writes nor start transactions. */
const hello: Command = {
  fields: ABOUT_CLIENT.split(' '),
  run: ({ args }) => ({
    [args.name === 'hello' ? 'isWritablePrimary' : 'ismaster']: true,
    helloOk: true,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: 100_000,
    logicalSessionTimeoutMinutes: 30,
    minWireVersion: 0,
    maxWireVersion: WIRE_VERSION,
  }),
};

/** Commands without effect: ping, and the end of sessions, which the store does not track. */
const nothing: Command = { fields: [], run: () => ({}) };

export const server: Commands = {
  hello,
  ismaster: hello,
  ping: nothing,
  endSessions: nothing,
};
