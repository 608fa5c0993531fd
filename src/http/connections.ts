import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';

/** What is to be done when a connection closes, by connection: for each request on it that is not over. */
const underWay = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls back once, when a request is over in whichever way: answered to the last byte, or its connection is gone.
 *
 * The `close` of a response is not enough. Of the requests that a client pipelines, Node gives the connection to one
 * response after the other; those that wait for it when the client leaves never emit anything.
 */
export function whenOver({ socket }: IncomingMessage, response: ServerResponse, callback: () => void): void {
  const callbacks = callbacksOf(socket);
  const over = () => {
    if (callbacks.delete(over)) callback();
  };
  callbacks.add(over);
  response.once('close', over);
  if (socket.destroyed) setImmediate(over); // it may have emitted its own close already
}

/** Whether a connection owes its client an answer, or a part of one. */
export function isBusy(socket: Socket): boolean {
  return (underWay.get(socket)?.size ?? 0) > 0;
}

/**
 * Makes a server that stops wait for the answers that are on their way. By itself Node takes a connection for idle as
 * soon as its answer has been written to the socket, and closes it with what the client has not yet taken.
 */
export function closeOnlyIdleConnections(server: Server): void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.closeIdleConnections = () => {
    for (const socket of sockets) if (!isBusy(socket)) socket.destroy();
  };
}

function callbacksOf(socket: Socket): Set<() => void> {
  let callbacks = underWay.get(socket);
  if (!callbacks) {
    underWay.set(socket, (callbacks = new Set()));
    const closed = callbacks;
    socket.once('close', () => {
      for (const over of closed) over();
    });
  }
  return callbacks;
}
