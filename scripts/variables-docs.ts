import { cliVariables } from '../src/config/cli-variables.ts';
import { integerRange, integerText, isTime } from '../src/config/integer.ts';
import type { VariableDefinition } from '../src/config/variables.ts';
import { cell } from './markdown.ts';

/** The documentation of the environment variables as Markdown. */

/** The README's table: name, default, purpose. */
export function summaryTable(rows: readonly VariableDefinition[]): string {
  return [
    '| Variable | Default | What it does |',
    '|---|---|---|',
    ...rows.map((row) => `| \`${row.name}\` | ${cell(defaultText(row))} | ${cell(row.description)} |`),
  ].join('\n');
}

/** The page with every variable, its values, and its default. */
export function configurationPage(rows: readonly VariableDefinition[]): string {
  return [
    '# Configuration',
    '',
    '<!-- Written by `npm run docs` from src/config/variables.ts; changes made here are lost. -->',
    '',
    'OCP is configured by environment variables and, beneath them, by the file `config.json` in `OCP_HOME` (`~/.ocp`): a',
    'variable that is set in the environment wins. Both are read once, when `ocp serve` starts; the other commands read them',
    'too, to find the server. An empty value counts as unset. A value that cannot be used stops the start with one line that',
    'names the variable, with its line and column in config.json, and the exit status 2.',
    '',
    '```json',
    '{',
    '  "CLAUDE_PROXY_PORT": 3456,',
    '  "CLAUDE_BIND": "127.0.0.1",',
    '  "CLAUDE_CACHE_TTL": "5m",',
    '  "OCP_QUOTA_COUNTS_CACHED": false',
    '}',
    '```',
    '',
    'The file may have comments (`//` and `/* */`) and trailing commas; they stay when OCP writes it. The members are the',
    'names below with text, numbers or booleans as values; any other name is an error. `OCP_HOME` can',
    'only be an environment variable, and the admin key has a file of its own, `admin-key`. Variables of the Claude CLI may',
    'stand in the file too, since a service does not see what a shell exports:',
    `${cliVariables.map((name) => `\`${name}\``).join(', ')}, and the`,
    'names that `OCP_CLAUDE_ENV` lists. The file may hold keys, so OCP makes it readable by its owner alone.',
    '',
    'Times are numbers in the unit that is named, or are written with their units: `500ms`, `90s`, `5m`, `1h30m`, `2d`.',
    '',
    ...rows.flatMap(section),
  ].join('\n');
}

/**
 * Puts `body` between the comments `<!-- NAME:start -->` and `<!-- NAME:end -->`, each on a line of its own.
 * Raises Error when they are not there exactly once.
 */
export function replaceMarked(text: string, name: string, body: string): string {
  const [start, end] = [`<!-- ${name}:start -->\n`, `<!-- ${name}:end -->\n`];
  const [before, inner, ...more] = text.split(start);
  const [, after, ...rest] = (inner ?? '').split(end);
  if (before === undefined || after === undefined || more.length > 0 || rest.length > 0) {
    throw new Error(`the text needs the comments ${name}:start and ${name}:end, once each`);
  }
  return `${before}${start}${body}\n${end}${after}`;
}

function section(row: VariableDefinition): string[] {
  return [`## ${row.name}`, '', row.description, '', `- Values: ${values(row)}`, `- Default: ${defaultText(row)}`, ''];
}

function values(row: VariableDefinition): string {
  switch (row.kind) {
    case 'integer':
      return integerRange(row);
    case 'boolean':
      return '`true` or `false`; also `1`, `yes`, `on` and `0`, `no`, `off`';
    case 'choice':
      return row.choices.map((choice) => `\`${choice}\``).join(', ');
    case 'text':
      return 'any text without control characters';
    case 'secret':
      return '1 to 512 printable ASCII characters without spaces; never shown';
    case 'path':
      return 'an absolute path, or one that starts with `~/`';
    case 'address':
      return 'an IP address or `localhost`';
    case 'list':
      return `${row.itemText}, separated by commas`;
  }
}

function defaultText(row: VariableDefinition): string {
  if (row.defaultText !== undefined) return row.defaultText;
  if (row.default === undefined) return 'unset';
  if (row.kind === 'integer' && isTime(row)) return `\`${integerText(row, row.default)}\``;
  const unit = row.kind === 'integer' && row.unit !== undefined ? ` ${row.unit}` : '';
  return `\`${String(row.default)}\`${unit}`;
}
