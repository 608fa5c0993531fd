import mongoose, { type Connection } from 'mongoose';
import { startService, type TestService } from './service.js';

/** A command as the driver sent it. */
export interface SentCommand {
  readonly name: string;
  readonly command: Readonly<Record<string, unknown>>;
}

/** A service whose every round trip to the store is seen. */
export interface WatchedService extends TestService {
  /** What `work` makes the service send to the store, in order. */
  commandsOf(work: () => Promise<unknown>): Promise<SentCommand[]>;
}

/** Starts the service on a connection with the driver's command monitoring, which it does without otherwise. */
export async function startWatchedService(): Promise<WatchedService> {
  const sent: SentCommand[] = [];
  const service = await startService({}, [], watchedConnection);
  service.connection.getClient().on('commandStarted', ({ commandName, command }) => {
    sent.push({ name: commandName, command });
  });
  return {
    ...service,
    commandsOf: async (work) => {
      sent.length = 0;
      await work();
      return [...sent];
    },
  };
}

function watchedConnection(): Connection {
  const connection = mongoose.createConnection();
  const openUri = connection.openUri.bind(connection);
  connection.openUri = (uri, options) => openUri(uri, { ...options, monitorCommands: true });
  return connection;
}
