import type { Command } from '../src/cli/command.ts';
import { helpLines } from '../src/cli/help.ts';
import { cell } from './markdown.ts';

/** The documentation of the commands as Markdown. */

type Commands = Readonly<Record<string, Command>>;

/** The README's table: each command with the words below it, and what it is for. */
export function commandTable(commands: Commands): string {
  return [
    '| Command | |',
    '|---|---|',
    ...Object.entries(commands).map(([name, { summary, subcommands }]) => {
      const below = Object.keys(subcommands);
      const further = below.length === 0 ? '' : `: ${below.map((word) => `\`${word}\``).join(', ')}`;
      return `| [\`ocp ${name}\`](docs/commands.md#ocp-${name}) | ${cell(summary)}${further} |`;
    }),
  ].join('\n');
}

/** The page with the help of every command, and of those below it. */
export function commandsPage(commands: Commands): string {
  return [
    '# Commands',
    '',
    '<!-- Written by `npm run docs` from src/cli/commands.ts; changes made here are lost. -->',
    '',
    'What `ocp NAME --help` says of each command. The exit status is 0 when it is done, 1 when it failed, and 2 when the',
    'command line or the configuration cannot be used. Colours are for terminals only, and not where `NO_COLOR` is set;',
    '`--json` prints data for scripts. Commands that ask a server find it, and the admin key, by themselves; `--url` and',
    '`--key` name another one. [`ocp completion`](#ocp-completion) makes a shell complete all of this.',
    '',
    ...Object.entries(commands).flatMap(([name, command]) => section(name, command, 2)),
  ].join('\n');
}

function section(name: string, command: Command, depth: number): string[] {
  return [
    `${'#'.repeat(depth)} ocp ${name}`,
    '',
    '```text',
    ...helpLines(name, command),
    '```',
    '',
    ...Object.entries(command.subcommands).flatMap(([word, below]) => section(`${name} ${word}`, below, depth + 1)),
  ];
}
