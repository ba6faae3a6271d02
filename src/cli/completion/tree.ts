import type { Command, KnownNames } from '../command.ts';

/** A word that a shell can offer, with what it means. */
export interface Offer {
  readonly word: string;
  readonly means: string;
}

/** An option as completion knows it. */
export interface OptionOffer extends Offer {
  readonly short: string | undefined;
  readonly takesValue: boolean;
  /** The values that it takes; none where any will do. */
  readonly choices: readonly string[];
  /** What the running server can tell of its values. */
  readonly known: KnownNames | undefined;
  /** Its value is a file. */
  readonly isFile: boolean;
}

/** One command line's beginning, and what may follow it. */
export interface CompletionNode {
  /** The words after `ocp`; none for `ocp` itself. */
  readonly path: readonly string[];
  readonly below: readonly Offer[];
  readonly options: readonly OptionOffer[];
  /** The choices of each argument in its order; none where any word will do. */
  readonly arguments: readonly {
    readonly name: string;
    readonly choices: readonly string[];
    readonly known: KnownNames | undefined;
    readonly isRest: boolean;
  }[];
}

const help: OptionOffer = {
  word: '--help',
  means: 'what it does and takes',
  short: 'h',
  takesValue: false,
  choices: [],
  known: undefined,
  isFile: false,
};

/** What a script runs to be told names. */
export function namesLine(known: KnownNames): string {
  return `ocp completion names ${known} 2>/dev/null`;
}

/** What can be completed, from the commands as help shows them: `ocp` itself first, then every command before those below it. */
export function completionNodes(commands: Readonly<Record<string, Command>>): readonly CompletionNode[] {
  const version: OptionOffer = { ...help, word: '--version', means: 'the version of OCP', short: 'v' };
  return [
    { path: [], below: offersOf(commands), options: [help, version], arguments: [] },
    ...Object.entries(commands).flatMap(([name, command]) => nodesOf([name], command)),
  ];
}

function nodesOf(path: readonly string[], command: Command): CompletionNode[] {
  const options = Object.entries(command.options).map(
    ([name, { description, short, type, choices = [], known, value }]): OptionOffer => ({
      word: `--${name}`,
      means: description,
      short,
      takesValue: type === 'string',
      choices,
      known,
      isFile: value === 'FILE' || value === 'PATH' || value === 'FOLDER',
    }),
  );
  return [
    {
      path,
      below: offersOf(command.subcommands),
      options: [...options, help],
      arguments: command.arguments.map(({ name, choices = [], known, rest }) => ({
        name,
        choices,
        known,
        isRest: rest === true,
      })),
    },
    ...Object.entries(command.subcommands).flatMap(([name, below]) => nodesOf([...path, name], below)),
  ];
}

function offersOf(commands: Readonly<Record<string, Command>>): Offer[] {
  return Object.entries(commands).map(([word, { summary }]) => ({ word, means: summary }));
}
