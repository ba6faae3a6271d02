import { confirm, isCancel, password, select, text } from '@clack/prompts';
import type { Asker } from '../connect/asker.ts';
import { ConnectError } from '../connect/error.ts';

/** Asks on the terminal. */
export const clackAsker: Asker = {
  confirm: async (message, initialValue) => answer(await confirm({ message, initialValue })),
  text: async (message, preset) => answer(await text({ message, placeholder: preset, defaultValue: preset })),
  secret: async (message) => answer(await password({ message })),
  choose: async (message, options, initialValue) =>
    answer(await select({ message, initialValue, options: options.map((label, value) => ({ value, label })) })),
};

function answer<T>(value: T): Exclude<T, symbol> {
  if (isCancel(value)) throw new ConnectError('Broken off; what was done until here stays, and --undo takes it back');
  return value as Exclude<T, symbol>;
}
