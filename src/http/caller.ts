import type { FastifyRequest } from 'fastify';
import { OcpError } from '../wire/errors.ts';
import type { Caller } from './identity.ts';

/** Who sent the request, on a route whose access is `callers`. Raises OcpError `invalid_api_key` anywhere else. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new OcpError('invalid_api_key', 'The caller is not known.');
  return request.caller;
}
