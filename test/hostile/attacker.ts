import { connect, type Socket } from 'node:net';
import { type ServiceProcess } from '../support/processes.js';

/** Somebody who means no good, or does not care. */
export interface Attacker {
  readonly name: string;
  /** What is stored before, and counts as no part of the attack. @returns what `attack` needs of it. */
  prepare?(service: ServiceProcess): Promise<string>;
  /**
   * Attacks until `signal` is aborted, and leaves.
   *
   * @returns what it saw itself; the last thing to be checked.
   */
  attack(
    service: ServiceProcess,
    signal: AbortSignal,
    prepared: string,
  ): Promise<Readonly<Record<string, number>>>;
  /** What it must have seen, as Jest compares it. */
  readonly sees?: object;
  /** Whether a well-behaved client may be told 503 beside it, and come again. */
  readonly crowds?: boolean;
  /** Whether nobody else can connect beside it: then they must be served as soon as it has left. */
  readonly shutsOut?: boolean;
}

/** A connection that is as rude as it likes: what goes wrong on it is nobody's concern. */
export function rudeConnection(service: ServiceProcess): Socket {
  const { hostname, port } = new URL(service.client.origin);
  return connect(Number(port), hostname).on('error', () => undefined);
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

/** Keeps `count` connections on which something is done over and over, until the signal is aborted. */
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

/** Resolves when a connection is closed, by whom ever. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else
      socket.once('close', () => {
        resolve();
      });
  });
}
