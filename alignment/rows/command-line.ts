import type { WorkerFlag } from '../../src/claude/cli-names.ts';
import type { Row, Source } from './row.ts';

const known = 'starting: all flags of a worker are known';

function flag(name: WorkerFlag, use: string, source: Source, ...tests: readonly string[]): Row {
  return { kind: 'flag', name, use, source, tests: [known, ...tests] };
}

/** The command line. */
export const commandLineRows: readonly Row[] = [
  {
    kind: 'command',
    name: '--version',
    use: 'tells the version, first on its line',
    source: { help: '--version' },
    tests: ['starting: `--version` tells the version first'],
  },
  {
    kind: 'command',
    name: 'auth status',
    use: 'tells whether there is a login, as JSON, without calling anybody',
    source: { page: 'cli-reference' },
    fields: ['loggedIn', 'authMethod'],
    tests: ['starting: `auth status` tells in JSON whether there is a login, and of which kind'],
  },
  flag('-p', 'no terminal: the program is driven over its streams', { help: '-p' }),
  flag('--input-format', '`stream-json`: one JSON object a line', { help: '--input-format' }),
  flag('--output-format', '`stream-json`: likewise', { help: '--output-format' }),
  flag('--verbose', 'stream-json output needs it', { help: '--verbose' }),
  flag(
    '--include-partial-messages',
    'the events of the API as they come',
    { help: '--include-partial-messages' },
    'an answer: is passed on as the events of the API, thinking and signature included',
  ),
  flag(
    '--no-session-persistence',
    'no conversation is left on disk',
    { help: '--no-session-persistence' },
    'an answer: a session is not kept on disk, and nothing is written into the working directory',
  ),
  flag(
    '--strict-mcp-config',
    'no MCP server but OCP’s own',
    { help: '--strict-mcp-config' },
    'the environment: no note of the CLI’s own gets beside a client’s tools, and no other tool',
  ),
  flag(
    '--permission-prompt-tool',
    '`stdio`: the CLI asks OCP before a tool runs',
    { help: '--permission-prompt-tool' },
    'tools of the CLI itself: are asked for over `--permission-prompt-tool=stdio` where none does, and a denial is the tool’s failure',
  ),
  flag(
    '--permission-mode',
    '`default`: OCP is asked; 2.1.301 would take `auto`, where a classifier denies calls of client tools',
    { help: '--permission-mode' },
    'the environment: `--permission-mode=default` stands, whatever mode the settings or the CLI itself would take',
  ),
  flag(
    '--setting-sources',
    'empty: neither settings nor CLAUDE.md of the operator; `user`: the operator’s own',
    { help: '--setting-sources' },
    'the environment: `--setting-sources=` keeps settings and CLAUDE.md of the operator out',
    'the environment: with the settings of the operator, `--settings` is above their env and CLAUDE.md is read',
  ),
  flag(
    '--tools',
    'which built-in tools there are; empty: none',
    { help: '--tools' },
    'an answer: is made by the model and the system prompt that were asked for, and no built-in tool',
    'tools of the CLI itself: are those of `--tools` and no other',
  ),
  flag(
    '--allowedTools',
    'rules for calls that need no question',
    { help: '--allowedTools' },
    'tools of the CLI itself: run without a question where a rule of `--allowedTools` covers the call',
  ),
  flag(
    '--model',
    'the model, by its id',
    { help: '--model' },
    'an answer: is made by the model and the system prompt that were asked for, and no built-in tool',
  ),
  flag(
    '--settings',
    'a file whose `env` is above the operator’s own settings',
    { help: '--settings' },
    'the environment: with the settings of the operator, `--settings` is above their env and CLAUDE.md is read',
  ),
];
