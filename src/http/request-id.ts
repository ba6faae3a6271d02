import { randomUUID } from 'node:crypto';

const PREFIX = 'req_';
const LENGTH = 24;

/** A new name for a request: `req_` and 24 hexadecimal digits. Unlike random bytes, UUIDs do not ask the system each time. */
export function newRequestId(): string {
  return requestIdOf(randomUUID().replaceAll('-', '').slice(0, LENGTH));
}

/** The digits alone, from which the ids in the answer are made: one name leads from the answer to the log. */
export function bareId(requestId: string): string {
  return requestId.slice(PREFIX.length);
}

/** The opposite of {@link bareId}. */
export function requestIdOf(bare: string): string {
  return PREFIX + bare;
}
