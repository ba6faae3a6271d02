import type { Values } from '../../config/config-file.ts';

/** What the server itself may need, MiB. */
const SERVER_MB = 1024;
/** What a CLI in the middle of a turn may need, MiB. */
const TURN_MB = 400;
const BYTES_PER_MB = 1_048_576;

/** MiB: above `high` the service is slowed down, above `max` its largest process ends. */
export interface MemoryLimit {
  readonly high: number;
  readonly max: number;
}

/**
 * A limit that a healthy OCP does not reach: its budget for idle workers, every turn that may run, and the server; never so
 * much that the rest of the machine has nothing left.
 */
export function memoryLimit(file: Values, totalMemory: number): MemoryLimit {
  const total = Math.floor(totalMemory / BYTES_PER_MB);
  const spares = numberOf(file['OCP_SPARES_MEMORY_MB']) ?? Math.min(4096, Math.floor(total / 4));
  const turns = numberOf(file['CLAUDE_MAX_CONCURRENT']) ?? 8;
  const needed = SERVER_MB + spares + turns * TURN_MB;
  return {
    high: Math.min(needed, Math.floor(total * 0.8)),
    max: Math.min(Math.floor(needed * 1.5), Math.floor(total * 0.9)),
  };
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,7}$/u.test(text) ? Number(text) : undefined;
}
