import type { ServerResponse } from 'node:http';
import type { StreamEvent } from '../wire/anthropic/events.ts';
import { OcpError, toOcpError } from '../wire/errors.ts';
import type { StreamEncoder } from '../wire/surface.ts';
import { SPLICE } from '../wire/surface.ts';

const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  connection: 'keep-alive',
  // Keeps nginx from collecting the stream before it passes it on.
  'x-accel-buffering': 'no',
};

type Headers = Readonly<Record<string, string>>;

export interface StreamReplyOptions {
  /** A function where they are known only when the first event has come. */
  readonly headers: Headers | (() => Headers);
  /** Silence after which the client is told that the answer is still being made, ms; 0 = never. */
  readonly heartbeatMs: number;
  /** How long a client may take none of what is written before it is cut off, ms. */
  readonly slowReaderMs: number;
}

/**
 * Writes an answer as server-sent events, each event as it comes. Nothing is sent before the first event or the first
 * ping, so that a failure up to there is an ordinary error response: it is raised. A failure after that becomes an event of the stream.
 * A client that reads slowly makes this, and so the worker, wait. Tells whether the answer was written to its end.
 */
export async function replyWithStream(
  response: ServerResponse,
  events: AsyncIterable<StreamEvent>,
  encoder: StreamEncoder,
  options: StreamReplyOptions,
): Promise<boolean> {
  const begin = (): void => {
    if (response.headersSent) return;
    const headers = typeof options.headers === 'function' ? options.headers() : options.headers;
    response.writeHead(200, { ...STREAM_HEADERS, ...headers });
  };
  /** What is spliced in goes out as it is, and nothing comes between the pieces of a frame. */
  const writeFrames = async (frames: string, write: (piece: string) => boolean): Promise<void> => {
    if (!isSpliced(frames, encoder)) {
      if (!write(frames)) await drained(response, options.slowReaderMs);
      return;
    }
    heartbeat.pause();
    for (const [index, piece] of frames.split(SPLICE).entries()) {
      const isTaken = index === 0 || response.write(encoder.spliced);
      if (!isTaken) await drained(response, options.slowReaderMs);
      if (!response.write(piece)) await drained(response, options.slowReaderMs);
    }
    heartbeat.restart();
  };
  const heartbeat = startHeartbeat(options.heartbeatMs, () => {
    begin();
    if (response.socket?.writableNeedDrain !== true) response.write(encoder.ping());
  });
  try {
    for await (const event of events) {
      const frames = encoder.event(event);
      if (frames === '') continue;
      const isFirst = !response.headersSent;
      begin();
      heartbeat.restart();
      await writeFrames(frames, isFirst ? (piece) => response.write(piece) : (piece) => writeChunk(response, piece));
    }
    begin();
    const last = encoder.end();
    if (isSpliced(last, encoder)) {
      heartbeat.stop();
      await writeFrames(last, (piece) => response.write(piece));
      response.end();
    } else response.end(last);
    return true;
  } catch (error) {
    if (!response.headersSent) throw error;
    const last = encoder.error(toOcpError(error));
    heartbeat.stop();
    if (isSpliced(last, encoder)) await writeFrames(last, (piece) => response.write(piece)).catch(() => {});
    if (!response.destroyed) response.end(isSpliced(last, encoder) ? undefined : last);
    return false;
  } finally {
    heartbeat.stop();
  }
}

/**
 * Writes a further piece of a body that goes out in chunks (RFC 9112, section 7.1). Node would write its length, the piece
 * and its end apart, which costs half as much again for every token. Tells whether the client keeps up.
 */
function writeChunk(response: ServerResponse, frames: string): boolean {
  const { socket } = response;
  // Without a socket it waits for another answer on its connection; without chunks the client is older than HTTP/1.1.
  if (socket === null || !response.chunkedEncoding) return response.write(frames);
  return socket.write(`${Buffer.byteLength(frames).toString(16)}\r\n${frames}\r\n`);
}

interface Heartbeat {
  restart(): void;
  /** Keeps still until it is restarted. */
  pause(): void;
  stop(): void;
}

function startHeartbeat(intervalMs: number, beat: () => void): Heartbeat {
  if (intervalMs === 0) return { restart: () => {}, pause: () => {}, stop: () => {} };
  let isPaused = false;
  const timer = setInterval(() => {
    if (!isPaused) beat();
  }, intervalMs);
  return {
    restart: () => {
      isPaused = false;
      timer.refresh();
    },
    pause: () => {
      isPaused = true;
    },
    stop: () => clearInterval(timer),
  };
}

function isSpliced(frames: string, encoder: StreamEncoder): encoder is StreamEncoder & { spliced: Uint8Array } {
  return encoder.spliced !== undefined && frames.includes(SPLICE);
}

/** Waits until the client has taken what is written. Raises OcpError `client_closed` when it goes or takes too long. */
async function drained(response: ServerResponse, timeoutMs: number): Promise<void> {
  const source = response.socket ?? response;
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: OcpError): void => {
      clearTimeout(timer);
      source.off('drain', onDrain);
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
    source.once('drain', onDrain);
    response.once('close', onClose);
    if (response.destroyed) onClose();
  });
}
