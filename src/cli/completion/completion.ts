import type { Command } from '../command.ts';
import { command, knownNames } from '../command.ts';
const shells = ['bash', 'zsh', 'fish'] as const;

/** `ocp completion names`: what the scripts ask while somebody types. */
const namesCommand = command({
  summary: 'print the names that the running server knows, for these scripts',
  description: [
    'Prints the names of the keys, or the ids of the models, one a line. Prints nothing where no server answers within a second. ' +
      'Names with blanks are left out: a shell takes them for several words.',
  ],
  arguments: [{ name: 'KIND', description: 'of what', choices: knownNames }],
  async run({ words: [kind] }, context) {
    const { namesOf } = await import('./names.ts');
    for (const name of await namesOf(kind === 'models' ? 'models' : 'keys', context)) context.io.stdout(name);
    return 0;
  },
});

/** `ocp completion`: a script for a shell, of the commands that `commands` gives. */
export function completionCommand(commands: () => Readonly<Record<string, Command>>): Command {
  return command(
    {
      summary: 'print a script that makes a shell complete the commands and options of ocp',
      description: [
        'Prints a script that makes a shell complete the commands and options of ocp, and their values. It is made from the same ' +
          'definitions as this help. What a key or a model is called, it asks the running server while you type.',
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
    },
    { names: namesCommand },
  );
}
