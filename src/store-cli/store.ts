import { resolve } from 'node:path';
import { readOptions } from '../command-line/options.js';
import { CommandError, runProgram, UsageError } from '../command-line/program.js';
import { EmbeddedMongo, EmbeddedMongoError, type EmbeddedMongoOptions } from 'embedded-mongo';

const USAGE = `Usage: npm run store -- [--port PORT] [--host ADDRESS] [--path DIRECTORY]

Runs the embedded store by itself, for mongosh, Compass, or several instances of the service.
  --port  the port to listen on, 0 for any free one (27017)
  --host  the address to listen on (127.0.0.1)
  --path  the directory of the data (./data)`;

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;

await runProgram(USAGE, async () => {
  const { port = '27017', host = '127.0.0.1', path = './data' } = readOptions('port', 'host', 'path');
  const store = await open({
    path,
    listen: { host, port: portFrom(port) },
    log: (line) => {
      console.error(line);
    },
  });
  stopOnSignal(store);
  console.log(`The store in ${resolve(path)} listens on ${store.uri}`);
  if (!LOOPBACK.test(host)) {
    console.warn('It has no authentication: whoever reaches this address can read and change everything.');
  }
}, [EmbeddedMongoError]);

function portFrom(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535))
    throw new UsageError(`--port must be a whole number from 0 to 65535, not "${text}".`);
  return port;
}

type ListeningOptions = EmbeddedMongoOptions & Required<Pick<EmbeddedMongoOptions, 'listen'>>;

async function open(options: ListeningOptions): Promise<EmbeddedMongo> {
  try {
    return await EmbeddedMongo.open(options);
  } catch (error) {
    const { host, port } = options.listen;
    const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
    if (cause?.code === 'EADDRINUSE') {
      throw new CommandError(`Port ${port} of ${host} is already in use; choose another one with --port.`);
    }
    if (cause?.syscall === 'listen' || cause?.syscall === 'getaddrinfo') {
      throw new CommandError(
        `The store can't listen there (${cause.message}); choose another --port or --host.`,
      );
    }
    throw error;
  }
}

/** Closes the store on SIGTERM or SIGINT. Acknowledged writes are on disk; commands under way are completed. */
function stopOnSignal(store: EmbeddedMongo): void {
  const stop = (signal: NodeJS.Signals) => {
    console.log(`${signal}: closing`);
    store.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}
