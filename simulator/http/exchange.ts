import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, errorBody } from '../errors.ts';
import type { OpenRecord } from '../log.ts';

/** One request and its reply, with its record in the log. */
export interface Exchange {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly log: OpenRecord;
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal;
  /** Headers of every reply to this request. */
  readonly headers: Record<string, string>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Reads the whole body. @throws ApiError 413 above the limit (bytes). */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new ApiError(413, 'Request exceeds the maximum size');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Sends a JSON reply and closes the record. */
export function sendJson(exchange: Exchange, status: number, body: unknown): void {
  const { response, log, headers } = exchange;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  log.update({ status, startedAt: exchange.now() });
  response.end(exchange.request.method === 'HEAD' ? undefined : text);
}

export function sendError(exchange: Exchange, error: ApiError): void {
  Object.assign(exchange.headers, error.headers);
  sendJson(exchange, error.status, errorBody(error.type, error.message, exchange.id));
}
