import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { type Answer, Connection } from './connection.js';

/** How long a client may stall in the middle of a reply or a message. */
const STALL_TIMEOUT_MS = 30_000;

/** A TCP address, or the path of a Unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly socket: string };

/** Accepts connections. It knows no commands. */
export class WireServer {
  private readonly connections = new Set<Connection>();
  private readonly server: Server;

  /**
   * A client that stalls for `stallTimeoutMs` in the middle of a reply or a message is disconnected.
   */
  constructor(answer: Answer, log: (line: string) => void, stallTimeoutMs = STALL_TIMEOUT_MS) {
    this.server = createServer((socket) => {
      const connection = new Connection(socket, answer, log, stallTimeoutMs);
      this.connections.add(connection);
      socket.on('close', () => this.connections.delete(connection));
    });
  }

  /** Rejects if it can't listen on the address. */
  async listen(address: Address): Promise<void> {
    this.server.listen('socket' in address ? { path: address.socket } : address);
    await once(this.server, 'listening');
  }

  /** The URI for drivers, with which they connect to this node only. */
  get uri(): string {
    const address = this.server.address();
    if (address === null) throw new Error('the server does not listen');
    if (typeof address === 'string') return `mongodb://${encodeURIComponent(address)}/?directConnection=true`;
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `mongodb://${host}:${address.port}/?directConnection=true`;
  }

  /** Answers the requests that have arrived, then closes all connections. */
  async close(): Promise<void> {
    const stopped = new Promise((resolve) => this.server.close(resolve));
    await Promise.all([...this.connections].map((connection) => connection.close()));
    await stopped;
  }
}
