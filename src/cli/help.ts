import type { ArgumentDefinition, Command, OptionDefinition } from './command.ts';

/** Columns that help is made for where nobody says how wide the terminal is, and the most that it takes. */
const WIDTH = 100;
/** Narrower, and the second column of a table would have no room. */
const LEAST_WIDTH = 40;

/** The width of help on a terminal of so many columns. */
export function helpWidth(columns = WIDTH): number {
  return Math.max(LEAST_WIDTH, Math.min(WIDTH, columns));
}

/** `ocp --help`. */
export function overviewLines(commands: Readonly<Record<string, Command>>, width = WIDTH): string[] {
  return [
    ...wrap(
      'OCP lets every tool that speaks OpenAI or Anthropic use Claude through the Claude CLI on this machine.',
      width,
    ),
    '',
    'Usage: ocp <command> [options]',
    '',
    ...table(
      Object.entries(commands).map(([name, { summary }]) => [name, summary]),
      width,
    ),
    '',
    '  --help     this list; after a command, its own',
    '  --version  the version of OCP',
  ];
}

/** `ocp NAME --help`; `name` may have several words. */
export function helpLines(name: string, command: Command, width = WIDTH): string[] {
  const { subcommands, options, arguments: words, description = [], examples = [], details = [] } = command;
  const paragraphs = description.length === 0 ? [`${capital(command.summary)}.`] : description;
  const described: [string, string][] = [
    ...words.map((word): [string, string] => [word.name, withChoices(word.description, word.choices)]),
    ...Object.entries(options).map(([option, definition]): [string, string] => [
      optionText(option, definition),
      withChoices(definition.description, definition.choices),
    ]),
    ['--help, -h', 'this text'],
  ];
  const below = Object.entries(subcommands).map(([word, sub]): [string, string] => [
    [word, ...sub.arguments.map(argumentText)].join(' '),
    sub.summary,
  ]);
  return [
    ...usageLines(name, command, width),
    ...below.map(([text]) => `       ocp ${name} ${text}`),
    '',
    ...paragraphs.flatMap((text, index) => [...(index === 0 ? [] : ['']), ...wrap(text, width)]),
    ...(below.length === 0 ? [] : ['', ...table(below, width)]),
    '',
    ...table(described, width),
    ...(details.length === 0 ? [] : ['', ...table(details, width)]),
    ...(examples.length === 0
      ? []
      : [
          '',
          'Examples:',
          ...table(
            examples.map(({ line, does }) => [line, does]),
            width,
          ),
        ]),
  ];
}

/** A command's line with everything that it takes; what does not fit goes on below it. */
function usageLines(name: string, { arguments: words, options }: Command, width: number): string[] {
  const flags = Object.entries(options).map(([option, definition]) => `[${flagText(option, definition)}]`);
  const lines = ['Usage: ocp'];
  for (const part of [name, ...words.map(argumentText), ...flags]) {
    const last = lines.at(-1) ?? '';
    if (last.length + part.length + 1 > width) lines.push(`         ${part}`);
    else lines[lines.length - 1] = `${last} ${part}`;
  }
  return lines;
}

/** An option as a list shows it: `--port N, -p`. */
export function optionText(name: string, definition: OptionDefinition): string {
  return `${flagText(name, definition)}${definition.short === undefined ? '' : `, -${definition.short}`}`;
}

function flagText(name: string, { type, value = 'VALUE' }: OptionDefinition): string {
  return type === 'boolean' ? `--${name}` : `--${name} ${value}`;
}

function argumentText({ name, optional, rest }: ArgumentDefinition): string {
  const text = rest === true ? `${name}…` : name;
  return optional === true ? `[${text}]` : text;
}

function withChoices(description: string, choices: readonly string[] | undefined): string {
  return choices === undefined ? description : `${description}: ${choices.join(', ')}`;
}

/** Two columns, the second wrapped below itself. */
function table(rows: readonly (readonly [string, string])[], total: number): string[] {
  const width = Math.min(34, Math.floor(total * 0.4), Math.max(0, ...rows.map(([left]) => left.length)) + 2);
  return rows.flatMap(([left, right]) => {
    const [first = '', ...further] = wrap(right, total - width - 2);
    const indent = ' '.repeat(width + 2);
    const fits = left.length + 2 <= width;
    return [
      ...(fits ? [`  ${left.padEnd(width)}${first}`] : [`  ${left}`, `${indent}${first}`]),
      ...further.map((line) => `${indent}${line}`),
    ];
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
