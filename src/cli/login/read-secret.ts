import type { CommandIo } from '../command.ts';
import { UsageError } from '../command.ts';
import type { Asker } from '../setup/ask.ts';

/** More than any token. */
const MOST_BYTES = 8192;

/** A secret from a hidden prompt, or where nobody sits at a terminal from the standard input. Raises UsageError. */
export async function readSecret(
  { input }: Pick<CommandIo, 'input'>,
  ask: Asker | undefined,
  question: string,
): Promise<string> {
  const text = (ask === undefined ? await inputText(input) : await ask.secret(question)).trim();
  if (/^[\x21-\x7e]{20,2048}$/u.test(text)) return text;
  if (text === '') throw new UsageError('nothing was given; pass it on the standard input: ocp login --token < FILE');
  throw new UsageError('that is no token and no key: 20 or more printable characters on one line, without spaces');
}

async function inputText(input: NodeJS.ReadableStream | undefined): Promise<string> {
  let text = '';
  for await (const piece of input ?? []) {
    text += String(piece);
    if (text.length > MOST_BYTES) throw new UsageError('the standard input holds more than a token');
  }
  return text;
}
