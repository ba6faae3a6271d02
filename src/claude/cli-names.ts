/**
 * Every name of the CLI that OCP uses on a command line, in an environment or as the type of a message. The code takes
 * them from here, so that the compiler refuses a name that is not listed; ALIGNMENT.md says of each where it is published
 * and which test of the CLI alone proves it.
 */

/** Runs of the CLI that answer and end. */
export const cliCommands = ['--version', 'auth status'] as const;

/** How a worker is started. */
export const workerFlags = [
  '-p',
  '--input-format',
  '--output-format',
  '--verbose',
  '--include-partial-messages',
  '--no-session-persistence',
  '--strict-mcp-config',
  '--permission-prompt-tool',
  '--permission-mode',
  '--setting-sources',
  '--tools',
  '--allowedTools',
  '--model',
  '--settings',
] as const;
export type WorkerFlag = (typeof workerFlags)[number];

/**
 * Of the operator's environment: what any program on the machine may want, besides the CLI's own
 * (src/config/cli-variables.ts).
 */
export const systemVariables = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'LANG',
  'LANGUAGE',
  'TZ',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_CACHE_HOME',
  'XDG_RUNTIME_DIR',
] as const;

/** Whose login it is, and where it is sent: only where the operator lists them (OCP_CLAUDE_ENV) or a file of OCP sets them. */
export const accountVariables = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_BASE_URL'] as const;

/** Set for every worker. */
export const switchVariables = [
  'CLAUDE_AGENT_SDK_MCP_NO_PREFIX',
  'ENABLE_TOOL_SEARCH',
  'CLAUDE_CODE_DISABLE_ATTACHMENTS',
  'DISABLE_AUTO_COMPACT',
  'DISABLE_COMPACT',
  'DISABLE_AUTOUPDATER',
  'DISABLE_TELEMETRY',
  'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
  'CLAUDE_CODE_DISABLE_AUTO_MEMORY',
  'CLAUDE_CODE_DISABLE_CLAUDE_MDS',
  'CLAUDE_CODE_DISABLE_BACKGROUND_TASKS',
  'CLAUDE_CODE_DISABLE_TERMINAL_TITLE',
  'CLAUDE_CODE_DISABLE_GIT_INSTRUCTIONS',
  'CLAUDE_CODE_NO_MODEL_FALLBACK',
  'CLAUDE_CODE_DISABLE_REFUSAL_FALLBACK',
  'CLAUDE_CODE_DISABLE_REFUSAL_RETRY',
  'CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK',
  'CLAUDE_CODE_MAX_RETRIES',
  'CLAUDE_CODE_DISABLE_THINKING',
  'CLAUDE_CODE_EFFORT_LEVEL',
] as const;
export type SwitchVariable = (typeof switchVariables)[number];

/** Folders that a worker is given. */
export const folderVariables = ['CLAUDE_CODE_TMPDIR'] as const;

/** Set for one turn, over `apply_flag_settings`. */
export const turnVariables = [
  'CLAUDE_CODE_MAX_OUTPUT_TOKENS',
  'CLAUDE_CODE_EFFORT_LEVEL',
  'CLAUDE_CODE_EXTRA_BODY',
  'MAX_STRUCTURED_OUTPUT_RETRIES',
  'CLAUDE_CODE_BLOCKING_LIMIT_OVERRIDE',
] as const;
export type TurnVariable = (typeof turnVariables)[number];

/** What OCP asks the CLI, by `subtype`. */
export const controlRequests = [
  'initialize',
  'apply_flag_settings',
  'interrupt',
  'get_binary_version',
  'list_models',
  'get_usage',
  'get_context_usage',
] as const;
export type ControlSubtype = (typeof controlRequests)[number];

/** A question of OCP to the CLI. */
export type ControlQuestion = Readonly<Record<string, unknown>> & { readonly subtype: ControlSubtype };

/** What the CLI asks OCP, by `subtype`. */
export const cliQuestions = ['can_use_tool', 'mcp_message', 'hook_callback'] as const;
