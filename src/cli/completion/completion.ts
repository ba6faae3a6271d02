import type { Command } from '../command.ts';
import { command } from '../command.ts';
const shells = ['bash', 'zsh', 'fish'] as const;

/** `ocp completion`: a script for a shell, of the commands that `commands` gives. */
export function completionCommand(commands: () => Readonly<Record<string, Command>>): Command {
  return command({
    summary: 'print a script that makes a shell complete the commands and options of ocp',
    description: [
      'Prints a script that makes a shell complete the commands and options of ocp, and their values. It is made from the same ' +
        'definitions as this help, and asks no server.',
    ],
    arguments: [{ name: 'SHELL', description: 'the shell', choices: shells }],
    examples: [
      { line: 'eval "$(ocp completion bash)"', does: 'in ~/.bashrc' },
      { line: 'eval "$(ocp completion zsh)"', does: 'in ~/.zshrc, after compinit' },
      { line: 'ocp completion fish | source', does: 'in ~/.config/fish/config.fish' },
    ],
    run: async ({ words: [shell] }, { io }) => {
      const { completionScript } = await import('./script.ts');
      io.stdout(completionScript(shells.find((each) => each === shell) ?? 'bash', commands()));
      return 0;
    },
  });
}
