import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorCatalogue } from '../../wire/errors.ts';

/** How long what is left of a refused body is read, ms. */
const DRAIN_MS = 5000;

/** Requests whose clients waited to be asked for their body, and were. */
const asked = new WeakSet<IncomingMessage>();

export function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Lets a client go on that waits for leave to send its body. */
export function askForBody(request: FastifyRequest, reply: FastifyReply): void {
  if (!isWaiting(request)) return;
  asked.add(request.raw);
  reply.raw.writeContinue();
}

/**
 * Lets an answer go out while the body of its request is still coming, as refusals do. Most clients read nothing before they
 * have sent everything: a connection that closes meanwhile tells them of a broken pipe and not of the reason. So the answer
 * is written at once, and ends when the body has, or after 5 s, or after this many bytes.
 */
export function answerBeforeTheEnd(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  mostBytes: number,
): unknown {
  if (request.raw.complete || !hasBody(request) || typeof payload !== 'string') return payload;
  void reply.header('connection', 'close');
  // Who sends too slowly is not waited for once more.
  if (isWaiting(request) || reply.statusCode === errorCatalogue.request_timeout.status) return payload;
  void reply.header('content-length', Buffer.byteLength(payload));
  const answer = new Readable({ read: () => {} });
  answer.push(payload);
  void drained(request.raw, mostBytes).then(() => answer.push(null));
  return answer;
}

function isWaiting({ headers, raw }: FastifyRequest): boolean {
  return /100-continue/iu.test(headers.expect ?? '') && !asked.has(raw);
}

async function drained(source: IncomingMessage, mostBytes: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > mostBytes) resolve();
  };
  const timer = setTimeout(resolve, DRAIN_MS);
  source.on('data', count).once('end', resolve).once('close', resolve).resume();
  await promise;
  clearTimeout(timer);
  source.off('data', count).pause();
}
