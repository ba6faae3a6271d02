import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { AnswerFault } from '../answers/answer.ts';
import type { AnswerEvent } from '../answers/events.ts';
import { errorBody } from '../errors.ts';
import type { Exchange } from './exchange.ts';

export interface StreamOptions {
  readonly tokenDelayMs: number;
  readonly fault?: AnswerFault | undefined;
}

/**
 * Sends a message as server-sent events, one write an event, and waits whenever the client reads slower than we write.
 * Returns when the answer is out, or its scripted fault has happened.
 */
export async function streamMessage(
  exchange: Exchange,
  events: Iterable<AnswerEvent>,
  options: StreamOptions,
): Promise<void> {
  const { response, log, signal } = exchange;
  response.writeHead(200, {
    ...exchange.headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  log.update({ status: 200, startedAt: exchange.now() });

  let tokens = 0;
  let pending = options.fault;
  for (const event of events) {
    if (pending !== undefined && tokens >= pending.afterTokens && (event.isToken || event.type === 'message_delta')) {
      const fault = pending;
      pending = undefined;
      log.update({ tokensSent: tokens });
      if (await happens(fault, exchange)) return;
    }
    if (event.isToken && tokens > 0 && options.tokenDelayMs > 0) {
      log.update({ tokensSent: tokens });
      await delay(options.tokenDelayMs, undefined, { signal });
    }
    if (event.type === 'message_start' || event.type === 'message_delta') log.update({ usage: usageOf(event) });
    if (event.isToken) tokens += 1;
    if (!response.write(encode(event.type, event.data))) {
      log.update({ tokensSent: tokens });
      await once(response, 'drain', { signal });
    }
  }
  log.update({ tokensSent: tokens });
  response.end();
}

/** Makes the fault happen; true when nothing more is to be sent. */
async function happens(fault: AnswerFault, exchange: Exchange): Promise<boolean> {
  const { response, log, signal, id } = exchange;
  switch (fault.kind) {
    case 'cut':
      log.update({ outcome: 'cut' });
      await flushed(exchange);
      response.destroy();
      return true;
    case 'stall':
      await untilAborted(signal);
      return true;
    case 'malformed':
      log.update({ outcome: 'malformed' });
      response.write('event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"ty\n\n');
      return false;
    case 'error':
      log.update({ outcome: 'error' });
      response.end(
        encode('error', errorBody(fault.errorType ?? 'overloaded_error', fault.message ?? 'Overloaded', id)),
      );
      return true;
  }
}

/** What was written before a cut must reach the client, else the cut would look earlier than it was scripted. */
function flushed({ response }: Exchange): Promise<void> {
  return new Promise((resolve) => {
    response.write('', () => resolve());
  });
}

/** Resolves when the connection is gone. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function encode(type: string, data: unknown): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

function usageOf(event: AnswerEvent): Readonly<Record<string, unknown>> {
  const message = event.data['message'] as { usage?: unknown } | undefined;
  return (event.data['usage'] ?? message?.usage ?? {}) as Readonly<Record<string, unknown>>;
}
