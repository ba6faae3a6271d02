import { hash } from 'node:crypto';
import type { Tool } from '../wire/anthropic/request.ts';
import type { JsonObject } from '../wire/json.ts';
import type { ServerPowers } from './arguments.ts';
import type { ControlQuestion, TurnVariable } from './cli-names.ts';
import type { ToolNames } from './tool-names.ts';

/** What a worker is told once, before its first message, and cannot change later. */
export interface Setup {
  /** The id that the CLI is started with. */
  readonly model: string;
  readonly system: readonly string[];
  readonly tools: readonly Tool[];
  readonly outputSchema?: JsonObject;
  /** What the CLI itself may do on this machine; absent = nothing. */
  readonly powers?: ServerPowers;
}

/** What may change from turn to turn. */
export interface TurnSettings {
  readonly maxTokens?: number;
  readonly effort?: string;
  /** How often the model may try to meet the output schema. */
  readonly structuredAttempts?: number;
}

/** Two set-ups with the same key make interchangeable workers. */
export function setupKey(setup: Setup): string {
  const parts = [setup.model, setup.system, setup.tools, setup.outputSchema ?? null, setup.powers ?? null];
  return hash('sha256', JSON.stringify(parts), 'base64url');
}

const SERVER = 'ocp';
/**
 * The CLI asks before it goes on from the results of a message's calls. A turn that must not go on is killed when its
 * message ends, which OCP reads before the question; without the question the CLI's next API call could be faster. Nor does it
 * go on from calls that the CLI itself gave up.
 */
const BEFORE_NEXT_CALL = 'before_next_call';
/** The MCP version that the CLI asks for; with another one it repeats the handshake over the control channel. */
export const MCP_PROTOCOL_VERSION = '2025-11-25';

/** The longest tool result that the CLI passes on whole when the tool says so, characters. */
export const MAX_HELD_RESULT_CHARACTERS = 500_000;

/** The `initialize` request. Contract: `SDKControlInitializeRequest`. */
export function initializeRequest(setup: Setup, names: ToolNames): ControlQuestion {
  return {
    subtype: 'initialize',
    systemPrompt: setup.system,
    hooks: { PostToolBatch: [{ hookCallbackIds: [BEFORE_NEXT_CALL] }] },
    ...(setup.outputSchema === undefined ? {} : { jsonSchema: setup.outputSchema }),
    ...(setup.tools.length === 0
      ? {}
      : {
          sdkMcpServers: [SERVER],
          sdkMcpServerManifests: {
            [SERVER]: {
              initializeResult: mcpInitializeResult,
              toolsListResult: { tools: mcpTools(setup.tools, names) },
            },
          },
        }),
  };
}

/** What the client's tools, as an MCP server, answer to `initialize`. */
export const mcpInitializeResult = {
  protocolVersion: MCP_PROTOCOL_VERSION,
  capabilities: { tools: {} },
  serverInfo: { name: SERVER, version: '1' },
};

/** The client's tools as an MCP server lists them. `readOnlyHint` lets the CLI ask for parallel calls at once. */
export function mcpTools(tools: readonly Tool[], names: ToolNames): readonly object[] {
  return tools.map((tool) => ({
    name: names.toCli(tool.name),
    description: tool.description ?? '',
    inputSchema: tool.input_schema,
    annotations: { readOnlyHint: true },
    _meta: { 'anthropic/maxResultSizeChars': MAX_HELD_RESULT_CHARACTERS },
  }));
}

/** The settings of one turn; a null takes back what an earlier turn set. Contract: `SDKControlApplyFlagSettingsRequest`. */
export function settingsRequest(settings: TurnSettings): ControlQuestion {
  const { effort } = settings;
  const env: Readonly<Record<TurnVariable, string>> = {
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: settings.maxTokens === undefined ? '' : String(settings.maxTokens),
    CLAUDE_CODE_DISABLE_THINKING: effort === 'none' ? '1' : '',
    MAX_STRUCTURED_OUTPUT_RETRIES: settings.structuredAttempts === undefined ? '' : String(settings.structuredAttempts),
    CLAUDE_CODE_BLOCKING_LIMIT_OVERRIDE: '',
  };
  return {
    subtype: 'apply_flag_settings',
    settings: {
      effortLevel: effort === undefined || effort === 'none' ? null : effort,
      env,
    },
  };
}

/** Settings under which any prompt is too long: the CLI ends a turn where it would call the API. {@link settingsRequest} ends them. */
export const openingRequest: ControlQuestion = {
  subtype: 'apply_flag_settings',
  settings: { env: { CLAUDE_CODE_BLOCKING_LIMIT_OVERRIDE: '1' } satisfies Partial<Record<TurnVariable, string>> },
};
