import type { ParseArgsConfig, ParseArgsOptionsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import { closest } from '../config/closest.ts';

/** What a command may touch; everything comes in, so that tests can run commands without a process. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder of OCP's package.json. */
  readonly packageRoot: string;
  readonly io: CommandIo;
}

export interface CommandIo {
  /** Writes one line to the standard output. */
  readonly stdout: (line: string) => void;
  /** Writes text to the standard output as it is, for text that arrives in pieces. */
  readonly write: (text: string) => void;
  /** Writes one line to the standard error output. */
  readonly stderr: (line: string) => void;
  /** The standard input. */
  readonly input?: NodeJS.ReadableStream | undefined;
  /** Aborted when the user or the system asks OCP to stop. */
  readonly signal: AbortSignal;
  /** What is known of the terminal; undefined where the output goes to a file or a pipe. */
  readonly terminal?: Terminal | undefined;
}

export interface Terminal {
  /** Its width in characters at the moment. */
  readonly columns: () => number;
  /** Whether colours may be used: `NO_COLOR` is unset and the terminal is not dumb. */
  readonly colours: boolean;
  /** Whether somebody can be asked: the input is a terminal as well. */
  readonly interactive: boolean;
}

/** What the running server knows by name, and a shell can be told while somebody types. */
export const knownNames = ['keys', 'models'] as const;
export type KnownNames = (typeof knownNames)[number];

/** An option of a command, as help, completions and the documentation show it. */
export interface OptionDefinition {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** How help names the value of a `string`: `N`, `NAME`, `FILE`. */
  readonly value?: string;
  /** The only values that it takes; others are refused with the list. */
  readonly choices?: readonly string[];
  /** It takes one of these, so a shell offers them. */
  readonly known?: KnownNames;
  /** May be given more than once. */
  readonly multiple?: true;
  /** A phrase without a full stop. */
  readonly description: string;
}

export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>;

/** A word after a command's name, in its order. */
export interface ArgumentDefinition {
  /** In capitals: `NAME`. */
  readonly name: string;
  readonly description: string;
  readonly optional?: true;
  /** The last argument may take all further words. */
  readonly rest?: true;
  readonly choices?: readonly string[];
  /** It is one of these, so a shell offers them. */
  readonly known?: KnownNames;
}

/** An example of a command line, with what it does. */
export interface ExampleDefinition {
  readonly line: string;
  readonly does: string;
}

type ValueOf<D extends OptionDefinition> = D extends { readonly type: 'boolean' } ? boolean : string;

/** The options that were given, by name. */
export type OptionValues<O extends OptionDefinitions> = {
  readonly [K in keyof O]?: O[K] extends { readonly multiple: true } ? readonly ValueOf<O[K]>[] : ValueOf<O[K]>;
};

interface CommandText {
  /** One line for `ocp --help`: a phrase without a full stop. */
  readonly summary: string;
  /** Paragraphs for its own help. */
  readonly description?: readonly string[];
  readonly examples?: readonly ExampleDefinition[];
  /** A further table for its own help: what it has to do with, each with an explanation. */
  readonly details?: readonly (readonly [string, string])[];
}

/** What a command's code defines; see `command`. */
export interface CommandDefinition<O extends OptionDefinitions> extends CommandText {
  readonly arguments?: readonly ArgumentDefinition[];
  readonly options?: O;
  /**
   * Does the work and gives the exit status: 0 done, 1 failed, 2 cannot be used like this. `words` are the arguments, as many
   * as the definition allows. May raise ConfigError and UsageError (status 2, one line), CommandError (status 1, one line).
   */
  readonly run: (
    input: { readonly options: OptionValues<O>; readonly words: readonly string[] },
    context: CommandContext,
  ) => Promise<number>;
}

/** One `ocp` command as data: dispatching, help, completions and the documentation derive from it. */
export interface Command extends CommandText {
  readonly arguments: readonly ArgumentDefinition[];
  readonly options: OptionDefinitions;
  /** Commands below it by name, as `add` in `ocp keys add`; the command itself runs where none is named. */
  readonly subcommands: Readonly<Record<string, Command>>;
  /**
   * Runs it with the arguments after its name. Raises UsageError for what its definition does not allow, and the errors of the
   * definition's `run`.
   */
  readonly run: (argv: readonly string[], context: CommandContext) => Promise<number>;
}

/** A command line that cannot be used: one line, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A failure that explains itself: one line, exit status 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Makes a command of its definition. */
export function command<const O extends OptionDefinitions>(
  definition: CommandDefinition<O>,
  subcommands: Readonly<Record<string, Command>> = {},
): Command {
  const { summary, description, examples, details, arguments: words = [], options } = definition;
  return {
    summary,
    ...(description === undefined ? {} : { description }),
    ...(examples === undefined ? {} : { examples }),
    ...(details === undefined ? {} : { details }),
    arguments: words,
    options: options ?? {},
    subcommands,
    run: async (argv, context) => {
      const below = commandBelow({ options: options ?? {}, subcommands }, argv);
      if (below !== undefined) return below.command.run(below.argv, context);
      const parsed = parse(argv, words, options ?? {}, Object.keys(subcommands));
      return definition.run({ options: parsed.values as OptionValues<O>, words: parsed.words }, context);
    },
  };
}

/** A command below another, and what is written besides its name. */
export interface CommandBelow {
  readonly name: string;
  readonly command: Command;
  readonly argv: readonly string[];
}

/** The command below that is named: by the first word, or by the first behind options (`ocp keys --json list`). */
export function commandBelow(
  { options, subcommands }: Pick<Command, 'options' | 'subcommands'>,
  argv: readonly string[],
): CommandBelow | undefined {
  const takesValue = (word: string): boolean =>
    Object.entries(options).some(
      ([name, { type, short }]) => type === 'string' && (word === `--${name}` || word === `-${short}`),
    );
  let place = 0;
  for (let word = argv[place]; word !== '--' && word?.startsWith('-') === true; word = argv[place]) {
    place += takesValue(word) ? 2 : 1;
  }
  const name = argv[place] ?? '';
  const command = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  return command === undefined ? undefined : { name, command, argv: argv.toSpliced(place, 1) };
}

function parse(
  argv: readonly string[],
  words: readonly ArgumentDefinition[],
  options: OptionDefinitions,
  below: readonly string[],
) {
  const { values, positionals } = parsed({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { type, short, multiple }]): [string, ParseArgsOptionsConfig[string]] => [
        name,
        { type, ...(short === undefined ? {} : { short }), ...(multiple === undefined ? {} : { multiple }) },
      ]),
    ),
    allowPositionals: true,
  });
  for (const [name, { choices }] of Object.entries(options)) {
    for (const value of [values[name] ?? []].flat()) checkChoice(`--${name}`, String(value), choices);
  }
  const missing = words.find((word, index) => word.optional !== true && index >= positionals.length);
  if (missing !== undefined) throw new UsageError(`${missing.name} is missing: ${missing.description}`);
  const surplus = words.at(-1)?.rest === true ? undefined : positionals[words.length];
  if (surplus !== undefined && below.length > 0) {
    throw new UsageError(`${JSON.stringify(surplus)} is none of ${below.join(', ')}`);
  }
  if (surplus !== undefined) throw new UsageError(`unexpected argument ${JSON.stringify(surplus)}`);
  for (const [index, value] of positionals.entries()) {
    const word = words[Math.min(index, words.length - 1)];
    if (word !== undefined) checkChoice(word.name, value, word.choices);
  }
  return { values, words: positionals };
}

/** Node's own parsing, with what is wrong in our words: its texts are for programmers. */
function parsed<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!(error instanceof Error) || !code.startsWith('ERR_PARSE_ARGS_')) throw error;
    throw new UsageError(argumentProblem(code, error.message, Object.keys(config.options ?? {})));
  }
}

function argumentProblem(code: string, message: string, options: readonly string[]): string {
  // Node quotes the word as it was given: `'--by-kye'`, `'-k, --key <value>'`.
  const quoted = /'([^']*)'/u.exec(message)?.[1] ?? '';
  const option = /--[^\s=<>,]+/u.exec(quoted)?.[0] ?? quoted.split(' ')[0] ?? '';
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const meant = closest(option.replace(/^-+/u, ''), options);
    return `there is no option ${option}${meant === undefined ? '' : `; did you mean --${meant}?`}`;
  }
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
    if (/does not take/u.test(message)) return `${option} takes no value`;
    if (/ambiguous/u.test(message))
      return `${option} needs a value; one that begins with a hyphen is written ${option}=-…`;
    return `${option} needs a value`;
  }
  return `unexpected argument ${JSON.stringify(quoted)}`;
}

function checkChoice(name: string, value: string, choices: readonly string[] | undefined): void {
  if (choices === undefined || choices.includes(value)) return;
  throw new UsageError(`${name} is ${JSON.stringify(value)}, but must be one of ${choices.join(', ')}`);
}
