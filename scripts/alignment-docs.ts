import type { Authority, EndpointRow, Kind, Row, Source } from '../alignment/rows/row.ts';
import { cell } from './markdown.ts';

const kinds: readonly (readonly [Kind, string])[] = [
  ['command', 'Commands'],
  ['flag', 'Flags of a worker'],
  ['variable', 'Environment variables'],
  ['request', 'What OCP asks the CLI'],
  ['question', 'What the CLI asks OCP'],
  ['written', 'Lines that OCP writes'],
  ['read', 'Lines that OCP reads'],
  ['behaviour', 'What the CLI does'],
];

/** ALIGNMENT.md: everything of the CLI that OCP relies on, and who decides about each endpoint. */
export function alignmentPage(rows: readonly Row[], endpoints: readonly EndpointRow[]): string {
  return [
    '# Alignment',
    '',
    '<!-- Written by `npm run docs` from alignment/rows; changes made here are lost. -->',
    '',
    'Everything of the Claude CLI that OCP relies on: what for, where it is published, and the test of the CLI alone',
    '(`alignment/contract`) that proves it. A name in the code that is missing here fails the tests; so does a row that the code',
    'does not need any more, a row without a test, a test without a row, and a published name that its source does not know.',
    '[docs/alignment-matrix.md](docs/alignment-matrix.md) shows the tests over many versions of the CLI,',
    '[docs/adr/0012-alignment.md](docs/adr/0012-alignment.md) says why it is done so.',
    '',
    'Sources: *type* is a type of `sdk.d.ts` in `@anthropic-ai/claude-agent-sdk`, *help* is `claude --help`, *page* is a page',
    'below [code.claude.com/docs/en](https://code.claude.com/docs/en/overview), *API* is Anthropic’s API reference. *Observed* is',
    'published nowhere: found by trying, and kept by the test alone. Members in italics are observed as well.',
    '',
    ...kinds.flatMap(([kind, title]) => [
      `## ${title}`,
      '',
      '| Name | What OCP relies on | Source | Test |',
      '|---|---|---|---|',
      ...rows.filter((row) => row.kind === kind).map(rowLine),
      '',
    ]),
    '## Endpoints',
    '',
    'Who decides how each endpoint of OCP behaves.',
    '',
    '| Endpoint | Authority |',
    '|---|---|',
    ...endpoints.map(
      ({ method, path, authority }) => `| \`${method} ${path}\` | ${authority.map(authorityText).join('; ')} |`,
    ),
    '',
  ].join('\n');
}

function rowLine(row: Row): string {
  const fields = (row.fields ?? []).map((field) =>
    row.observed?.includes(field) === true ? `*\`${field}\`*` : `\`${field}\``,
  );
  const name = row.kind === 'behaviour' ? cell(row.name) : `\`${cell(row.name)}\``;
  const members = fields.length === 0 ? '' : `: ${fields.join(' ')}`;
  return `| ${name}${members} | ${cell(row.use)} | ${sourceText(row.source)} | ${row.tests.map(cell).join('<br>')} |`;
}

function sourceText(source: Source): string {
  if (source === 'observed') return 'observed';
  if ('sdk' in source) return `type \`${source.sdk}\``;
  if ('help' in source) return `help \`${source.help}\``;
  if ('page' in source) return `page [${source.page}](https://code.claude.com/docs/en/${source.page})`;
  return `API, ${source.api}`;
}

function authorityText(authority: Authority): string {
  if ('openai' in authority) return `OpenAI API reference, ${authority.openai}`;
  if ('anthropic' in authority) return `Anthropic API reference, ${authority.anthropic}`;
  return `[${authority.document}](${authority.document})`;
}
