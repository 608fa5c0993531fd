import { type Socket } from 'node:net';

/**
 * Breaks a connection off: its other end sees it reset.
 *
 * One that is just being ended is closed instead. Node can't reset it (EINVAL) and yet takes it for closed from then on:
 * its descriptor stays open, its `close` never comes, and at its end the process waits for it for ever, on a full core,
 * where it can tell nobody (`Environment::CleanupHandles`; so do Node 20, 22, 24 and 26).
 */
export function breakOff(socket: Socket): void {
  const isBeingEnded = socket.writableEnded && !socket.writableFinished;
  if (isBeingEnded) socket.destroy();
  else socket.resetAndDestroy();
}
