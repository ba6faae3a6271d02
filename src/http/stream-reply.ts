import type { ServerResponse } from 'node:http';
import type { StreamEvent } from '../wire/anthropic/events.ts';
import { OcpError, toOcpError } from '../wire/errors.ts';
import type { StreamEncoder } from '../wire/surface.ts';

const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  connection: 'keep-alive',
  // Keeps nginx from collecting the stream before it passes it on.
  'x-accel-buffering': 'no',
};
const HEARTBEAT = ': keepalive\n\n';

export interface StreamReplyOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Silence after which a comment is sent, ms; 0 sends none. */
  readonly heartbeatMs: number;
  /** How long a client may take none of what is written before it is cut off, ms. */
  readonly slowReaderMs: number;
}

/**
 * Writes an answer as server-sent events, each event as it comes. Nothing is sent before the first event, so that a
 * failure up to there is an ordinary error response: it is raised. A failure after that becomes an event of the stream.
 * A client that reads slowly makes this, and so the worker, wait. Tells whether the answer was written to its end.
 */
export async function replyWithStream(
  response: ServerResponse,
  events: AsyncIterable<StreamEvent>,
  encoder: StreamEncoder,
  options: StreamReplyOptions,
): Promise<boolean> {
  const begin = (): void => {
    if (!response.headersSent) response.writeHead(200, { ...STREAM_HEADERS, ...options.headers });
  };
  const heartbeat = startHeartbeat(options.heartbeatMs, () => {
    begin();
    if (!response.writableNeedDrain) response.write(HEARTBEAT);
  });
  try {
    for await (const event of events) {
      const frames = encoder.event(event);
      if (frames === '') continue;
      begin();
      heartbeat.restart();
      if (!response.write(frames)) await drained(response, options.slowReaderMs);
    }
    begin();
    response.end(encoder.end());
    return true;
  } catch (error) {
    if (!response.headersSent) throw error;
    if (!response.destroyed) response.end(encoder.error(toOcpError(error)));
    return false;
  } finally {
    heartbeat.stop();
  }
}

function startHeartbeat(intervalMs: number, beat: () => void): { restart(): void; stop(): void } {
  if (intervalMs === 0) return { restart: () => {}, stop: () => {} };
  const timer = setInterval(beat, intervalMs);
  return { restart: () => void timer.refresh(), stop: () => clearInterval(timer) };
}

/** Waits until the client has taken what is written. Raises OcpError `client_closed` when it goes or takes too long. */
async function drained(response: ServerResponse, timeoutMs: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: OcpError): void => {
      clearTimeout(timer);
      response.off('drain', onDrain);
      response.off('close', onClose);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onDrain = (): void => settle();
    const onClose = (): void => settle(new OcpError('client_closed', 'The client hung up.'));
    const timer = setTimeout(() => {
      response.destroy();
      settle(new OcpError('client_closed', 'The client did not read its answer.'));
    }, timeoutMs);
    response.once('drain', onDrain);
    response.once('close', onClose);
    if (response.destroyed) onClose();
  });
}
