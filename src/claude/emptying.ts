import { randomUUID } from 'node:crypto';
import { usedTokens } from './context-usage.ts';
import type { JsonPieces } from './packed/messages.ts';
import { boundaryLine, clearLine } from './protocol.ts';

/** What emptying needs of a worker. */
export interface Emptied {
  /** The CLI's version as the process itself reported it. */
  readonly version: string;
  send(line: JsonPieces): void;
  /** Writes a line and waits for the result that ends it. */
  sendAndWait(line: JsonPieces): Promise<unknown>;
  /** Whether the CLI has reported `conversation_reset` since the emptying began. */
  sawReset(): boolean;
  contextUsage(): Promise<Readonly<Record<string, unknown>>>;
}

/** What is known of emptying, by version of the CLI, for all workers of one login. */
export class EmptyingRecord {
  readonly #leavesNothing = new Map<string, boolean>();

  /** False once this version was seen to leave something behind: its workers are used for one conversation only. */
  isPossible(version: string): boolean {
    return this.#leavesNothing.get(version) !== false;
  }

  isProven(version: string): boolean {
    return this.#leavesNothing.get(version) === true;
  }

  note(version: string, leavesNothing: boolean): void {
    this.#leavesNothing.set(version, leavesNothing);
  }
}

/**
 * Empties a worker so that its next request is the same, to the byte, as that of a new one. `/clear` alone leaves the command
 * itself before the next message; a compaction boundary behind it makes the CLI begin its request there. That an unknown
 * version honours the boundary is proven once, by the size of its context before and after. Raises Error when the worker is
 * not known to be empty: it must not be used again. See ADR 5.
 */
export async function emptyWorker(worker: Emptied, record: EmptyingRecord): Promise<void> {
  await worker.sendAndWait(clearLine);
  if (!worker.sawReset()) throw new Error('the CLI did not confirm that the worker is empty');
  if (record.isProven(worker.version)) {
    worker.send(boundaryLine(randomUUID()));
    return;
  }
  const before = usedTokens(await worker.contextUsage());
  worker.send(boundaryLine(randomUUID()));
  const after = usedTokens(await worker.contextUsage());
  const leavesNothing = before !== undefined && after !== undefined && after < before;
  record.note(worker.version, leavesNothing);
  if (!leavesNothing) throw new Error('the CLI keeps the command that empties it in the conversation');
}
