import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { type Answer, Connection } from './connection.js';
import { Holdings } from './holdings.js';

/** What all clients together may leave untaken and unfinished: some 16 of the largest answers. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;

/** How long a client may stand still in the middle of an answer or a message. */
const PATIENCE_MS = 30_000;

/** A TCP address, or the path of a Unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly socket: string };

/** Accepts connections; knows nothing of commands. */
export class WireServer {
  /** Connections since the start; the last one's number. */
  private accepted = 0;
  private readonly connections = new Set<Connection>();
  private readonly server: Server;

  /**
   * `answerFor` is called once for each connection, with its number; a client that stands still for `patience` ms in
   * the middle of an answer or a message is cut.
   */
  constructor(
    answerFor: (connection: number) => Answer,
    log: (line: string) => void,
    patience = PATIENCE_MS,
  ) {
    const holdings = new Holdings(MAX_HELD_BYTES);
    this.server = createServer((socket) => {
      const connection = new Connection(socket, answerFor(++this.accepted), log, holdings, patience);
      this.connections.add(connection);
      socket.on('close', () => this.connections.delete(connection));
    });
  }

  /** Rejects when the address can't be had. */
  async listen(address: Address): Promise<void> {
    this.server.listen('socket' in address ? { path: address.socket } : address);
    await once(this.server, 'listening');
  }

  /** The URI by which a driver reaches the server: it is to talk to this one node and look for no others. */
  get uri(): string {
    const address = this.server.address();
    if (address === null) throw new Error('the server does not listen');
    if (typeof address === 'string') return socketUri(address);
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `mongodb://${host}:${address.port}/?directConnection=true`;
  }

  /** Answers what is in flight, then closes every connection. */
  async close(): Promise<void> {
    const stopped = new Promise((resolve) => this.server.close(resolve));
    await Promise.all([...this.connections].map((connection) => connection.close()));
    await stopped;
  }
}

/** The URI for a Unix socket. */
export function socketUri(path: string): string {
  return `mongodb://${encodeURIComponent(path)}/?directConnection=true`;
}
