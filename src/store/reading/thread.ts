import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { questionsOn } from './questions.ts';

/** The thread that answers questions about many rows, on a connection of its own that cannot write. */

/** A question as it comes, one at a time. */
export interface Asked {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Its answer, or the error that it ended in. */
export type Told =
  | { readonly answer: unknown }
  | { readonly error: { readonly message: string; readonly errcode: unknown } };

/** How long a read waits for the database, ms. */
const BUSY_TIMEOUT_MS = 2000;

const { path } = workerData as { readonly path: string };
const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
const questions = questionsOn(database) as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;

parentPort?.on('message', ({ name, args }: Asked) => {
  parentPort?.postMessage(tell(name, args));
});

function tell(name: string, args: readonly unknown[]): Told {
  try {
    return { answer: questions[name]?.(...args) };
  } catch (error) {
    const { message, errcode } = error as { readonly message: string; readonly errcode?: unknown };
    return { error: { message, errcode } };
  }
}
