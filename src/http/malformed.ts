import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import type { ErrorCode } from '../wire/errors.ts';
import { OcpError, openAiError } from '../wire/errors.ts';
import { newRequestId } from './request-id.ts';

const reasons: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The headers of the request are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The request did not arrive in time.'],
};

/** Answers what is not even HTTP: no request has come of it, so no route can. */
export function answerMalformed(failure: Error & { readonly code?: string }, socket: Socket): void {
  if (failure.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy(failure);
    return;
  }
  const [code, message] = reasons[failure.code ?? ''] ?? ['invalid_request', 'The request is not valid HTTP.'];
  const error = new OcpError(code, message);
  const body = JSON.stringify(openAiError(error));
  const id = newRequestId();
  socket.end(
    [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${id}`,
      `request-id: ${id}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
