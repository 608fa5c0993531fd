import { resolve } from 'node:path';
import { EmbeddedMongo } from 'embedded-mongo';
import { runCommand, UsageError } from './command.js';

await runCommand({
  usage: `Usage: npm run store:backup -- --to DIRECTORY [--from DIRECTORY]

Copies an embedded store, as it is at one moment, into another directory; the service may use it meanwhile. To restore it,
stop the service and start it with this directory as its DATA_DIR.
  --to    the directory for the copy, without a store in it
  --from  the directory of the store (./data)`,
  options: { to: { type: 'string' }, from: { type: 'string', default: './data' } },
  async run({ to, from }) {
    if (to === undefined) throw new UsageError('--to is missing: the directory for the copy.');
    await EmbeddedMongo.backup(from, to);
    console.log(`The store in ${resolve(from)} was copied to ${resolve(to)}`);
  },
});
