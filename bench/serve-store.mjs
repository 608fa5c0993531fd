// The embedded store in a process of its own, as the benchmarks use it. Argument: its data directory.
import process from 'node:process';
import { EmbeddedMongo } from '../dist/embedded-mongo/index.js';

const store = await EmbeddedMongo.open({ path: process.argv[2] });
console.log(`Listening on ${store.uri}`);
process.once('SIGTERM', async () => {
  await store.close();
  process.exit(0);
});
