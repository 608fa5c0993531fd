import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { breakOff } from './break-off.js';

/** What stands before several instances, as a load balancer would: each connection goes to one that listens. */
export interface Balancer {
  readonly origin: string;
  /** Cuts every connection, in the middle of whatever is on it. */
  cut(): void;
  close(): Promise<void>;
}

/** @param ports of the instances; each is tried in turn, whether it listens or not. */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer((client) => {
    const instance = connect(ports[turn++ % ports.length] ?? 0, '127.0.0.1');
    for (const [socket, other] of [
      [client, instance],
      [instance, client],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => {
        breakOff(other);
      });
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) breakOff(socket);
  };
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    close: () => {
      cut();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}
