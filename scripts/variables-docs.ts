import type { VariableDefinition } from '../src/config/variables.ts';

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
    'OCP is configured by environment variables. They are read once, when `ocp serve` starts. An empty value counts as',
    'unset. A value that cannot be used stops the start with one line that names the variable, and the exit status 2.',
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
      return `a whole number from ${row.min} to ${row.max}${row.unit === undefined ? '' : ` (${row.unit})`}`;
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
  const unit = row.kind === 'integer' && row.unit !== undefined ? ` ${row.unit}` : '';
  return `\`${String(row.default)}\`${unit}`;
}

/** A vertical bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
