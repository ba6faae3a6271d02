import { CommandError } from '../command.ts';
import type { CommandIo } from '../command.ts';

/** One answer that may be chosen. */
export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly hint?: string;
}

/** Somebody who can be asked. Every question raises CommandError when it is answered with Ctrl-C. */
export interface Asker {
  readonly choose: <T extends string>(question: string, choices: readonly Choice<T>[]) => Promise<T>;
  /** `isYes` is what Enter alone answers; yes unless it is given. */
  readonly confirm: (question: string, isYes?: boolean) => Promise<boolean>;
  /** Text that is not shown while it is typed. */
  readonly secret: (question: string) => Promise<string>;
}

/** Whoever sits at the terminal; undefined where nobody does. */
export async function askerAt({ terminal }: Pick<CommandIo, 'terminal'>): Promise<Asker | undefined> {
  if (terminal?.interactive !== true) return undefined;
  const { confirm, password, select } = await import('@clack/prompts');
  // A symbol stands for Ctrl-C.
  const answered = <T>(answer: T): Exclude<T, symbol> => {
    if (typeof answer === 'symbol') throw new CommandError('cancelled; changes so far stay');
    return answer as Exclude<T, symbol>;
  };
  return {
    choose: async (message, choices) => {
      const options = choices.map(({ value, label, hint }) => ({
        value,
        label,
        ...(hint === undefined ? {} : { hint }),
      }));
      const chosen = answered(await select<string>({ message, options }));
      const found = choices.find(({ value }) => value === chosen);
      if (found === undefined) throw new CommandError('nothing was chosen');
      return found.value;
    },
    confirm: async (message, initialValue = true) => answered(await confirm({ message, initialValue })),
    secret: async (message) => answered(await password({ message })).trim(),
  };
}
