import type { FileClient, HintedClient } from '../src/connect/clients/client.ts';

/** The tables of the tools that `ocp connect` knows, as Markdown. */
export function clientTables(files: readonly FileClient[], hinted: readonly HintedClient[]): string {
  return [
    '| Tool | For `--only` | Files | APIs |',
    '|---|---|---|---|',
    ...files.map(
      ({ name, id, files: paths, apis }) => `| ${name} | \`${id}\` | ${codes(paths)} | ${apis.join(', ')} |`,
    ),
    '',
    'These keep their settings in a store of their own; what to enter is shown with its values:',
    '',
    ...hinted.map(({ name, id }) => `- ${name} (\`${id}\`)`),
  ].join('\n');
}

function codes(paths: string): string {
  return paths
    .split(', ')
    .map((path) => `\`${path}\``)
    .join(', ');
}
