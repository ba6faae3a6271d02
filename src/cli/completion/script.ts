import type { Command } from '../command.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { completionNodes } from './tree.ts';
import { zshCompletion } from './zsh.ts';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** The completion of these commands for a shell. */
export function completionScript(shell: keyof typeof scripts, commands: Readonly<Record<string, Command>>): string {
  return scripts[shell](completionNodes(commands));
}
