// A process that owns a store, for tests that kill it. Uses the last `npm run build`.
import { EmbeddedMongo, EmbeddedMongoError } from '../../../../dist/embedded-mongo/index.js';

const [path, options = '{}'] = process.argv.slice(2);
try {
  const mongo = await EmbeddedMongo.open({
    path,
    log: (line) => console.error(line),
    ...JSON.parse(options),
  });
  process.send?.({ uri: mongo.uri });
  process.on('SIGTERM', () => {
    void mongo.close().then(() => process.exit(0));
  });
} catch (error) {
  if (!(error instanceof EmbeddedMongoError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
  process.send?.({ refused: error.message });
}
