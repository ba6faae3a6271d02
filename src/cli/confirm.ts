import { createInterface } from 'node:readline';
import type { CommandIo } from './command.ts';

/**
 * Asks on the terminal; anything but a yes is a no, the end of the input too. Where nobody can be asked the answer is
 * undefined. Rejects when the user stops the command.
 */
export async function confirm(
  { terminal, input, write, signal }: Pick<CommandIo, 'terminal' | 'input' | 'write' | 'signal'>,
  question: string,
): Promise<boolean | undefined> {
  if (terminal?.interactive !== true || input === undefined) return undefined;
  signal.throwIfAborted();
  write(`${question} [y/N] `);
  const lines = createInterface({ input });
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    return /^y(?:es)?$/iu.test(answer.trim());
  } finally {
    lines.close();
  }
}
