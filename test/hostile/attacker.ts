import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type ServiceProcess } from '../support/processes.js';

/** A malicious or careless client. */
export interface Attacker {
  readonly name: string;
  /** Stores what the attack needs, which is not part of it. @returns the argument for `attack`. */
  prepare?(service: ServiceProcess): Promise<string>;
  /**
   * Attacks until `signal` is aborted, then disconnects.
   *
   * @returns what it observed, which is checked last.
   */
  attack(
    service: ServiceProcess,
    signal: AbortSignal,
    prepared: string,
  ): Promise<Readonly<Record<string, number>>>;
  /** What it must have observed, as Jest compares it. */
  readonly sees?: object;
  /** Whether well-behaved clients may get a 503 meanwhile and have to retry. */
  readonly crowds?: boolean;
  /** How long it attacks, if what it provokes takes longer than other attacks. */
  readonly lastsMs?: number;
  /** Whether nobody else can connect meanwhile; then they must be served as soon as it has left. */
  readonly shutsOut?: boolean;
}

/** A connection without any error handling. */
export function rudeConnection(service: ServiceProcess): Socket {
  const { hostname, port } = new URL(service.client.origin);
  return connect(Number(port), hostname).on('error', () => undefined);
}

/** Asks for something on a connection of its own, and reads the whole response without looking at it. */
export function statusOf({ client }: ServiceProcess, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = get(client.origin + path, { agent: false }, (response) => {
      response.on('end', () => {
        resolve(response.statusCode ?? 0);
      });
      response.on('error', reject).resume();
    });
    asked.on('error', reject);
  });
}

/** Waits for a signal to be aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener('abort', () => {
        resolve();
      });
  });
}

/** Keeps `count` connections that repeat something until the signal is aborted. */
export async function keepBusy(
  count: number,
  signal: AbortSignal,
  act: () => Promise<void> | void,
): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async () => {
      while (!signal.aborted) await act();
    }),
  );
}

/** Resolves when a connection is closed by either side. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else
      socket.once('close', () => {
        resolve();
      });
  });
}
