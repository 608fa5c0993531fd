import { pathToFileURL } from 'node:url';

// Runs the embedded store as a server, so that several instances can share it, and faults can be applied to it alone.
// Arguments: the folder of the compiled store, its data directory, the port.
const [folder, path, port] = process.argv.slice(2);

const { EmbeddedMongo } = await import(pathToFileURL(`${folder}/index.js`).href);
const store = await EmbeddedMongo.open({
  path,
  listen: { host: '127.0.0.1', port: Number(port) },
  log: (line) => console.log(line),
});
process.once('SIGTERM', async () => {
  await store.close();
  process.exit(0);
});
