import { totalmem } from 'node:os';

/** Bytes of memory that OCP may use: the machine's, or less where a container or service has a limit. */
export function availableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
