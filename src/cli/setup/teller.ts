import type { CommandIo } from '../command.ts';
import { painter } from '../output/paint.ts';

/** Lines about what was found and done, one after the other. */
export interface Teller {
  readonly done: (text: string) => void;
  readonly note: (text: string) => void;
  readonly fail: (text: string) => void;
}

/** Writes them to the standard output. */
export function teller(io: CommandIo): Teller {
  const paint = painter(io);
  return {
    done: (text) => io.stdout(`${paint('green', '✓')} ${text}`),
    note: (text) => io.stdout(`${paint('yellow', '!')} ${text}`),
    fail: (text) => io.stdout(`${paint('red', '✗')} ${text}`),
  };
}
