import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { readConfig } from '../src/config/config.ts';
import { settings, settingText, variableOf } from '../src/config/settings.ts';
import { startServer } from '../src/http/serve.ts';
import { mostSchemaCharacters, schemaCharacters } from '../src/wire/anthropic/schema-allowance.ts';
import { caps } from '../src/wire/caps.ts';
import { maxImages } from '../src/wire/media.ts';
import { errorCatalogue } from '../src/wire/errors.ts';
import { cell } from './markdown.ts';

const adminKey = 'of-the-documentation';

interface Operation {
  readonly summary: string;
  readonly tags: readonly [string];
}

interface Api {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  /** What `/metrics` says. */
  readonly metrics: string;
}

const audiences: Readonly<Record<string, string>> = {
  public: 'For everybody, without a key',
  callers: 'For whoever may call',
  admin: 'For whoever administers OCP',
};

/** The page about endpoints, errors, settings and metrics, from a server that was started for it. */
export async function apiPage(): Promise<string> {
  const { paths, metrics } = await readApi();
  const rows = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { summary, tags }]) => ({ audience: tags[0], method, path, summary })),
  );
  return [
    '# The HTTP interface',
    '',
    '<!-- Written by `npm run docs` from the running server; changes made here are lost. -->',
    '',
    'Bodies and answers are described by the server itself, at `GET /openapi.json`. The surfaces for tools are those of OpenAI',
    'and Anthropic; [compatibility.md](compatibility.md) says what clients were tried, and what is different.',
    '',
    '## Endpoints',
    '',
    ...Object.entries(audiences).flatMap(([audience, title]) => [
      `### ${title}`,
      '',
      '| Endpoint | |',
      '|---|---|',
      ...rows
        .filter((row) => row.audience === audience)
        .map(({ method, path, summary }) => `| \`${method.toUpperCase()} ${path}\` | ${cell(summary)} |`),
      '',
    ]),
    '## Errors',
    '',
    'An error has the shape of the API that the client speaks, and in both a `code` that stays the same. `Retry-After` goes with',
    'every 429 and 503 for which a time is known.',
    '',
    '| Code | Status | Type for OpenAI clients | Type for Anthropic clients | When |',
    '|---|---|---|---|---|',
    ...Object.entries(errorCatalogue).map(
      ([code, { status, openai, anthropic, meaning }]) =>
        `| \`${code}\` | ${status} | \`${openai}\` | \`${anthropic}\` | ${cell(meaning)} |`,
    ),
    '',
    '## How much a request may hold',
    '',
    'Beyond these a request is refused with 400, and the error names the field. Numbers that OpenAI or Anthropic publish are',
    'theirs; the others are more than any client is known to send.',
    '',
    '| | At most |',
    '|---|---|',
    ...capRows.map(([what, most]) => `| ${what} | ${most.toLocaleString('en')} |`),
    '',
    'JSON Schemas of structured output and forced tools are checked without running their patterns. A `pattern` or',
    '`patternProperties` that could take long, or that might overlap named properties, is left out and named in `x-ocp-ignored`.',
    '',
    '## Settings',
    '',
    '`PATCH /settings` and `ocp settings NAME VALUE` change these while OCP runs. They are kept over a restart; an environment',
    'variable wins.',
    '',
    '| Setting | From | To | Unit | Variable | |',
    '|---|---|---|---|---|---|',
    ...settings.map(
      (row) =>
        `| \`${row.name}\` | ${settingText(row, row.min)} | ${settingText(row, row.max)} | ${row.unit} | \`${variableOf(row)}\` | ${cell(row.desc)} |`,
    ),
    '',
    '## Metrics',
    '',
    '`GET /metrics`, for Prometheus; opened by the admin key or `OCP_METRICS_TOKEN`.',
    '',
    '| Metric | Kind | |',
    '|---|---|---|',
    ...metricRows(metrics),
    '',
  ].join('\n');
}

const capRows: readonly (readonly [string, number])[] = [
  ['messages, or items of `input`', caps.messages],
  ['blocks or parts of one content', caps.contentBlocks],
  ['`tools` or `functions` of Chat Completions', caps.chatTools],
  ['`tools` of Messages and Responses', caps.tools],
  ['calls in one message of Chat Completions', caps.calls],
  ['images', maxImages],
  ['`stop` of Chat Completions', caps.chatStops],
  ['`stop_sequences` of Messages', caps.stops],
  ['characters of a stop sequence', caps.stopCharacters],
  ['keys of `metadata`', caps.metadataKeys],
  ['characters of a key of `metadata`', caps.metadataKeyCharacters],
  ['characters of a value of `metadata`', caps.metadataValueCharacters],
  ['entries of `include`', caps.include],
  ['stored items referred to by one request', caps.references],
  ['levels of objects and arrays', caps.levels],
  [
    `characters of the schemas that an answer is held to, their references followed; each object in them counts ${2 * schemaCharacters} more`,
    mostSchemaCharacters,
  ],
];

/** From the lines `# HELP NAME TEXT` and `# TYPE NAME KIND`. */
function metricRows(text: string): string[] {
  const kinds = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gmu)].map(([, name, kind]) => [name, kind]));
  return [...text.matchAll(/^# HELP (\S+) (.+)$/gmu)].map(
    ([, name = '', help = '']) => `| \`${name}\` | ${kinds.get(name) ?? ''} | ${cell(help)} |`,
  );
}

/** Starts OCP on a free port, in a home of its own and without a CLI, and asks it. */
async function readApi(): Promise<Api> {
  const home = await mkdtemp(join(tmpdir(), 'ocp-docs-'));
  // A program that ends at once: the server finds no CLI that it could use, and starts no workers.
  const env = { HOME: home, OCP_HOME: join(home, 'ocp'), CLAUDE_BIN: '/usr/bin/false', OCP_ADMIN_KEY: adminKey };
  const config = readConfig(env, { home, totalMemory: totalmem(), readAdminKey: () => undefined });
  const io = { stdout: () => {}, stderr: () => {}, signal: new AbortController().signal };
  const packageRoot = resolve(import.meta.dirname, '..');
  const server = await startServer({ config: { ...config, port: 0 }, env, packageRoot, io });
  const ask = async (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.started.port}${path}`, { headers: { authorization: `Bearer ${adminKey}` } });
  try {
    const { paths } = (await (await ask('/openapi.json')).json()) as Pick<Api, 'paths'>;
    return { paths, metrics: await (await ask('/metrics')).text() };
  } finally {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  }
}
