import { randomUUID } from 'node:crypto';
import { type Server } from 'node:http';
import { type Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import { DomainError } from '../errors/domain-error.js';
import { awaitsRequest } from './connections.js';
import { errorBody } from '../errors/error-body.js';
import { REQUEST_LOG } from './request-log.js';

/** Node's error for a connection with an invalid or late request. */
interface ClientError extends Error {
  readonly code?: string;
  /** The last data from the client, if the parser refused it. */
  readonly rawPacket?: Buffer;
}

/**
 * Sends errors in the usual form for requests that Node's parser refuses or that do not arrive in time. By default Node
 * would send a bare status.
 */
export function answerBrokenRequests(server: Server): void {
  const logger = new Logger(REQUEST_LOG);
  // An unknown expectation is no reason to refuse a request (RFC 9110 10.1.1); Node would, with a bare 417.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('clientError', (cause: ClientError, socket: Socket) => {
    logger.debug(`A broken request: ${cause.message}`);
    // The client is gone, or is owed the response to an earlier request: this one would be written into it or, as by Node
    // itself, be taken for it. The earlier request then gets none, and is safe to retry.
    if (cause.code === 'ECONNRESET' || !socket.writable || !awaitsRequest(socket)) {
      socket.destroy();
      return;
    }
    const [, method = '', path = ''] =
      /^([!-~]+) ([!-~]+) HTTP\//.exec(cause.rawPacket?.toString('latin1') ?? '') ?? [];
    refuse(socket, errorOf(cause), path, method);
  });
}

function errorOf({ code, message }: ClientError): DomainError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new DomainError('HEADERS_TOO_LARGE', 'The request line and headers are too large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new DomainError('REQUEST_TIMEOUT', 'The request did not arrive whole in time');
    default:
      return new DomainError('BAD_REQUEST', `This is not HTTP/1.1: ${message}`);
  }
}

function refuse(socket: Socket, error: DomainError, path: string, method: string): void {
  const requestId = randomUUID();
  const body = errorBody(error, { path, method, requestId });
  const text = JSON.stringify(body);
  socket.end(
    [
      `HTTP/1.1 ${body.statusCode} ${body.error}`,
      'Connection: close',
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(text)}`,
      `X-Request-Id: ${requestId}`,
      '',
      text,
    ].join('\r\n'),
  );
}
