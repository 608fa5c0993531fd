import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';

/** The callbacks for when requests on a connection are over, by the response of each request under way. */
type UnderWay = Map<ServerResponse, (() => void)[]>;

const byConnection = new WeakMap<Socket, UnderWay>();

/** Requests that may wait their turn on a connection before it is read no further. */
const MOST_WAITING = 100;

/**
 * Calls back once, when a request is over in whichever way: answered to the last byte, or its connection is gone.
 *
 * The `close` of a response is not enough. Of the requests that a client pipelines, Node gives the connection to one
 * response after the other; those that wait for it when the client leaves never emit anything.
 */
export function whenOver(response: ServerResponse, callback: () => void): void {
  const { socket } = response.req;
  if (socket.destroyed || response.closed) {
    setImmediate(callback);
    return;
  }
  const underWay = underWayOn(socket);
  const callbacks = underWay.get(response);
  if (callbacks) {
    callbacks.push(callback);
    return;
  }
  underWay.set(response, [callback]);
  response.once('close', () => {
    end(underWay, response);
  });
}

/**
 * Makes a server begin the requests that a client pipelines one after the other, each when the one before is over. They
 * could not be answered sooner anyway, since answers go out in order (RFC 9112 9.3.2). So a connection takes one place
 * beside those of others, however much it asks for at once; and what it asked for before it left is not begun at all.
 */
export function beginInTurn(server: Server): void {
  const listeners = server.listeners('request') as ((
    ...request: [IncomingMessage, ServerResponse]
  ) => void)[];
  const last = new WeakMap<Socket, ServerResponse>(); // of those that are not over
  server.removeAllListeners('request').on('request', (request, response) => {
    const { socket } = request;
    const begin = () => {
      for (const listener of listeners) listener.call(server, request, response);
    };
    const before = last.get(socket);
    last.set(socket, response);
    whenOver(response, () => {
      if (last.get(socket) === response) last.delete(socket);
    });
    if (!before) {
      begin();
      return;
    }
    const underWay = underWayOn(socket);
    if (underWay.size > MOST_WAITING) socket.pause();
    whenOver(before, () => {
      if (socket.destroyed) return;
      if (underWay.size <= MOST_WAITING) socket.resume();
      begin();
    });
  });
}

/** Whether a connection still has an answer, or a part of one, to send. */
function isBusy(socket: Socket): boolean {
  return (byConnection.get(socket)?.size ?? 0) > 0;
}

/** Whether the next bytes on a connection would be the answer to the request that its client is still sending. */
export function awaitsRequest(socket: Socket): boolean {
  const responses = [...(byConnection.get(socket)?.keys() ?? [])];
  return responses.every((response) => !response.headersSent && !response.req.complete);
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

function underWayOn(socket: Socket): UnderWay {
  let underWay = byConnection.get(socket);
  if (!underWay) {
    const opened: UnderWay = new Map();
    byConnection.set(socket, (underWay = opened));
    // Node resumes a connection for each request that it is done with.
    socket.on('resume', () => {
      if (opened.size > MOST_WAITING) socket.pause();
    });
    socket.once('close', () => {
      for (const response of opened.keys()) end(opened, response);
    });
  }
  return underWay;
}

function end(underWay: UnderWay, response: ServerResponse): void {
  const callbacks = underWay.get(response) ?? [];
  underWay.delete(response);
  for (const callback of callbacks) callback();
}
