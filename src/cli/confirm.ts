import { createInterface } from 'node:readline/promises';
import type { CommandIo } from './command.ts';

/** Asks on the terminal; anything but a yes is a no. Where nobody can be asked the answer is undefined. */
export async function confirm(
  { terminal, signal }: Pick<CommandIo, 'terminal' | 'signal'>,
  question: string,
): Promise<boolean | undefined> {
  if (terminal?.interactive !== true) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(?:es)?$/iu.test((await lines.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    lines.close();
  }
}
