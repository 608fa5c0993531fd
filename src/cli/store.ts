import { resolve } from 'node:path';
import { EmbeddedMongo } from 'embedded-mongo';
import { runCommand } from './command.js';

await runCommand({
  usage: `Usage: npm run store -- [--port PORT] [--host ADDRESS] [--path DIRECTORY]

Runs the embedded store by itself, for several instances of the service.
  --port  the port to listen on, 0 for any free one (27017)
  --host  the address to listen on (127.0.0.1)
  --path  the directory of the data (./data)`,
  options: {
    port: { type: 'string', default: '27017' },
    host: { type: 'string', default: '127.0.0.1' },
    path: { type: 'string', default: './data' },
  },
  async run({ port, host, path }) {
    const store = await EmbeddedMongo.open({
      path,
      listen: { host, port: Number(port) },
      log: console.error,
    });
    const stop = (signal: NodeJS.Signals) => {
      console.log(`${signal}: closing`);
      void store.close().then(() => process.exit());
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
    console.log(`The store in ${resolve(path)} listens on ${store.uri}`);
    console.log('It has no authentication: whoever reaches this address can read and change everything.');
  },
});
