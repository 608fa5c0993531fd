import { MongoError } from '../errors.js';
import { MAX_DOCUMENT_BYTES } from '../storage/collection.js';
import type { Command } from './command.js';
import { VERSION } from './hello.js';

/** Nothing to do, and that is the answer: ping, and the end of sessions this store does not keep. */
export const nothing: Command = { fields: [], run: () => ({}) };

export const buildInfo: Command = {
  fields: [],
  run: () => ({
    version: VERSION,
    versionArray: [...VERSION.split('.').map(Number), 0],
    gitVersion: 'embedded-mongo',
    modules: [],
    bits: 64,
    debug: false,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    storageEngines: ['lmdb'],
  }),
};

/** There are no users: whoever can reach the socket may do everything. */
export const connectionStatus: Command = {
  fields: ['showPrivileges'],
  run: () => ({
    authInfo: { authenticatedUsers: [], authenticatedUserRoles: [], authenticatedUserPrivileges: [] },
  }),
};

const PARAMETERS = { featureCompatibilityVersion: { version: VERSION.split('.').slice(0, 2).join('.') } };

export const getParameter: Command = {
  fields: Object.keys(PARAMETERS),
  run({ args }) {
    const asked = Object.entries(PARAMETERS).filter(
      ([name]) => args.value('getParameter') === '*' || args.flag(name),
    );
    if (asked.length === 0) throw new MongoError('InvalidOptions', 'no option found to get');
    return Object.fromEntries(asked);
  },
};
