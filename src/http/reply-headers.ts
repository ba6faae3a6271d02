import type { FastifyReply, FastifyRequest } from 'fastify';
import { corsHeaders } from './gate.ts';

/**
 * Puts on an answer what every answer has: its ids, and what a page of a listed origin needs to read it. They are set on
 * Node's own response, so that streams, errors and answers that are written past Fastify carry them as well.
 */
export function setCommonHeaders(request: FastifyRequest, reply: FastifyReply, corsOrigins: readonly string[]): void {
  const { raw } = reply;
  if (raw.headersSent) return;
  raw.setHeader('x-request-id', request.id);
  raw.setHeader('request-id', request.id);
  for (const [name, value] of Object.entries(corsHeaders(request.headers, corsOrigins))) raw.setHeader(name, value);
}

/** Says that an answer depends on these headers of the request, besides those it depends on already. */
export function addVary(reply: FastifyReply, ...headers: readonly string[]): void {
  const before = reply.raw.getHeader('vary');
  const known = typeof before === 'string' ? before.split(', ') : [];
  reply.raw.setHeader('vary', [...new Set([...known, ...headers])].join(', '));
}
