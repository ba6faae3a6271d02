import type { SwitchVariable, WorkerFlag } from './cli-names.ts';

/**
 * How a worker is started. Nothing of a client is on the command line: the system prompt, tools and schema travel over
 * stdin, where no process list shows them. Contract: `claude --help`.
 */
export function workerArguments(model: string, powers?: ServerPowers): readonly string[] {
  return [
    flag('-p'),
    flag('--input-format', 'stream-json'),
    flag('--output-format', 'stream-json'),
    flag('--verbose'),
    flag('--include-partial-messages'),
    flag('--no-session-persistence'),
    flag('--strict-mcp-config'),
    flag('--permission-prompt-tool', 'stdio'),
    // Some versions take `auto` by themselves, and so may an operator's settings: then a classifier decides on client tools.
    flag('--permission-mode', 'default'),
    ...powerArguments(powers),
    flag('--model', model),
  ];
}

/** One argument of a command line; with `=`, so that no value can be taken for a flag. */
export function flag(name: WorkerFlag, value?: string): string {
  return value === undefined ? name : `${name}=${value}`;
}

/** What a caller whom the operator trusts may have beyond the model itself. */
export interface ServerPowers {
  /** The CLI's own tools, as names or permission rules (`Bash(git log *)`); empty for none. */
  readonly tools: readonly string[];
  /** Every call of these tools is allowed, not only those that a rule covers. */
  readonly skipPermissions: boolean;
  /** The operator's CLAUDE.md, memory and settings steer the answers. */
  readonly withContext: boolean;
}

/**
 * The operator's settings may point the CLI at OCP itself (that is how Claude Code is connected to it), and settings beat the
 * environment: for a worker that would be an endless loop, so its own address is set above them.
 */
function powerArguments(powers: ServerPowers | undefined): readonly string[] {
  const tools = [...new Set(powers?.tools.map((rule) => rule.replace(/\(.*/su, '')))];
  return [
    flag('--setting-sources', powers?.withContext === true ? 'user' : ''),
    flag('--tools', tools.join(',')),
    ...(powers === undefined || tools.length === 0 ? [] : [flag('--allowedTools', powers.tools.join(','))]),
  ];
}

/** The switches that differ for such a caller, and settings that go into a file: they may hold a credential. */
export function powerSwitches(
  powers: ServerPowers,
  env: Readonly<Record<string, string>>,
): { readonly env: Readonly<Record<string, string>>; readonly settings: object | undefined } {
  if (!powers.withContext) return { env: workerSwitches, settings: undefined };
  const { CLAUDE_CODE_DISABLE_CLAUDE_MDS: _, CLAUDE_CODE_DISABLE_AUTO_MEMORY: __, ...switches } = workerSwitches;
  const settings = {
    env: {
      ANTHROPIC_BASE_URL: env['ANTHROPIC_BASE_URL'] ?? 'https://api.anthropic.com',
      ANTHROPIC_AUTH_TOKEN: env['ANTHROPIC_AUTH_TOKEN'] ?? '',
    },
  };
  return { env: switches, settings };
}

/** Switches of the CLI that make a worker answer like the API: its own tools, notes, retries and rewrites stay out. */
export const workerSwitches: Readonly<Record<SwitchVariable, string>> = {
  CLAUDE_AGENT_SDK_MCP_NO_PREFIX: '1',
  ENABLE_TOOL_SEARCH: 'false',
  CLAUDE_CODE_DISABLE_ATTACHMENTS: '1',
  DISABLE_AUTO_COMPACT: '1',
  DISABLE_COMPACT: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
  CLAUDE_CODE_DISABLE_CLAUDE_MDS: '1',
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
  CLAUDE_CODE_DISABLE_TERMINAL_TITLE: '1',
  // A client's tool named Bash would otherwise bring a note on git commits into its prompt.
  CLAUDE_CODE_DISABLE_GIT_INSTRUCTIONS: '1',
  // An answer from another model than the one that was asked for is not an answer.
  CLAUDE_CODE_NO_MODEL_FALLBACK: '1',
  CLAUDE_CODE_DISABLE_REFUSAL_FALLBACK: '1',
  CLAUDE_CODE_DISABLE_REFUSAL_RETRY: '1',
  // A stream that broke is OCP's to judge; the CLI would fetch the whole answer again without streaming.
  CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: '1',
  CLAUDE_CODE_MAX_RETRIES: '4',
  // The CLI would think and choose an effort where nobody asked. What a client asks comes with its turn.
  CLAUDE_CODE_DISABLE_THINKING: '1',
  CLAUDE_CODE_EFFORT_LEVEL: 'unset',
};
