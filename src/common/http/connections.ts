import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';

/** The callbacks for when requests on a connection are over, by the response of each request under way. */
type UnderWay = Map<ServerResponse, (() => void)[]>;

const byConnection = new WeakMap<Socket, UnderWay>();

/** Connections with more waiting requests are not read from. */
const MOST_WAITING = 100;

/**
 * Calls back once when a request is over, either answered to the last byte or because its connection is gone.
 *
 * The response's `close` event is not enough. Node assigns the connection to the responses of pipelined requests one
 * after the other; those still waiting for it when the client leaves never emit anything.
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
 * Makes a server begin pipelined requests one after the other, each when the one before is over. They could not be
 * answered sooner anyway, since responses are sent in order (RFC 9112 9.3.2). So a connection takes one place among the
 * concurrent requests, however many it sends at once, and requests that wait when the client leaves are not begun at
 * all.
 */
export function beginInTurn(server: Server): void {
  const listeners = server.listeners('request') as ((
    ...request: [IncomingMessage, ServerResponse]
  ) => void)[];
  const last = new WeakMap<Socket, ServerResponse>(); // the last one that is not over
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

/** Whether a connection still has a response, or part of one, to send. */
function isBusy(socket: Socket): boolean {
  return (byConnection.get(socket)?.size ?? 0) > 0;
}

/** Whether the next bytes on a connection would be the response to the request that its client is still sending. */
export function awaitsRequest(socket: Socket): boolean {
  const responses = [...(byConnection.get(socket)?.keys() ?? [])];
  return responses.every((response) => !response.headersSent && !response.req.complete);
}

/**
 * Makes a server that stops wait for responses that are being sent. By default, Node considers a connection idle as
 * soon as its response has been written to the socket, and closes it with the bytes that the client has not read yet.
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
    // Node resumes a connection after each request.
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
