import { type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';

/** Requests of one connection without a response. Who pipelines more is disconnected, as each would cost a refusal. */
const MAX_PIPELINED = 20;

/**
 * Calls back once when a request is over, either answered to the last byte or because its connection is gone. For
 * pipelined requests this needs `followConnections`.
 */
export function whenOver(response: ServerResponse, callback: () => void): void {
  if (response.closed || response.req.socket.destroyed) setImmediate(callback);
  else response.once('close', callback);
}

/**
 * Calls back when the responses before it on its connection are sent: at once, unless the client pipelines. For what takes
 * an open file.
 */
export function inTurn(response: ServerResponse, callback: () => void): void {
  if (response.socket) callback();
  else response.once('socket', callback);
}

/** Whether a request has its response, perhaps from its deadline, or its client has left. */
export function isOver(response: ServerResponse): boolean {
  return response.writableEnded || response.req.socket.destroyed;
}

/**
 * Disconnects clients that pipeline too many requests, and corrects two things that Node does to responses that are not
 * sent yet:
 *
 * - Responses to pipelined requests wait for the connection, and when the client leaves, Node forgets them. They get
 *   their `close` event here.
 * - When a server stops, Node takes a connection for idle as soon as its response is written to the socket, and closes
 *   it with the bytes that the client has not read yet. Here it is idle when no response is under way.
 */
export function followConnections(server: Server): void {
  const connections = new Map<Socket, Set<ServerResponse>>();
  server.on('connection', (socket) => {
    const responses = new Set<ServerResponse>();
    connections.set(socket, responses);
    socket.once('close', () => {
      connections.delete(socket);
      for (const response of responses) if (response.socket === null) response.emit('close');
    });
  });
  server.prependListener('request', ({ socket }, response) => {
    const responses = connections.get(socket);
    responses?.add(response);
    if (responses && responses.size > MAX_PIPELINED) socket.destroy();
    whenOver(response, () => responses?.delete(response));
  });
  server.closeIdleConnections = () => {
    for (const [socket, responses] of connections) if (responses.size === 0) socket.destroy();
  };
}
