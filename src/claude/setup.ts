import { hash } from 'node:crypto';
import type { Tool } from '../wire/anthropic/request.ts';
import type { Thinking } from '../wire/anthropic/thinking.ts';
import type { JsonObject } from '../wire/json.ts';
import type { ServerPowers } from './arguments.ts';
import type { ControlQuestion, ControlSubtype, TurnVariable } from './cli-names.ts';
import type { JsonPieces } from './packed/messages.ts';
import type { PackedJson, PackedSystem, PackedTools } from './packed/setup-parts.ts';
import { listedTools, packJson, packSystem, packTools } from './packed/setup-parts.ts';
import type { ToolNames } from './tool-names.ts';

/** What a worker is told once, before its first message, and cannot change later. */
export interface Setup {
  /** The id that the CLI is started with. */
  readonly model: string;
  readonly system: PackedSystem;
  readonly tools: PackedTools;
  readonly outputSchema?: PackedJson;
  /** What the CLI itself may do on this machine; absent = nothing. */
  readonly powers?: ServerPowers;
}

/** The same before it is packed. */
export interface PlainSetup extends Pick<Setup, 'model' | 'powers'> {
  readonly system: readonly string[];
  readonly tools: readonly Tool[];
  readonly outputSchema?: JsonObject;
}

export function packSetup({ system, tools, outputSchema, ...rest }: PlainSetup): Setup {
  return {
    ...rest,
    system: packSystem(system),
    tools: packTools(tools),
    ...(outputSchema === undefined ? {} : { outputSchema: packJson(outputSchema) }),
  };
}

/** What may change from turn to turn. */
export interface TurnSettings {
  readonly maxTokens?: number;
  /** Absent = the model's own default, as the API has it. */
  readonly effort?: string;
  /** The API's `thinking`; absent = none is sent, so that the model does as it does by default. */
  readonly thinking?: Thinking;
  /** How often the model may try to meet the output schema. */
  readonly structuredAttempts?: number;
}

/** Two set-ups with the same key make interchangeable workers. */
export function setupKey(setup: Setup): string {
  const { model, system, tools, outputSchema, powers } = setup;
  const parts = [model, system.digest, tools.digest, outputSchema?.digest ?? null, powers ?? null];
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

/** The `initialize` request as JSON. Contract: `SDKControlInitializeRequest`. */
export function initializeRequest({ system, tools, outputSchema }: Setup, names: ToolNames): JsonPieces {
  const hooks = JSON.stringify({ PostToolBatch: [{ hookCallbackIds: [BEFORE_NEXT_CALL] }] });
  const schema = outputSchema === undefined ? [] : [',"jsonSchema":', outputSchema.bytes];
  return [
    `{"subtype":"${'initialize' satisfies ControlSubtype}","systemPrompt":[`,
    system.bytes,
    `],"hooks":${hooks}`,
    ...schema,
    ...(tools.names.length === 0 ? [] : serverOf(tools, names)),
    '}',
  ];
}

function serverOf(tools: PackedTools, names: ToolNames): JsonPieces {
  const result = JSON.stringify(mcpInitializeResult);
  return [
    `,"sdkMcpServers":["${SERVER}"],"sdkMcpServerManifests":{"${SERVER}":{"initializeResult":${result},"toolsListResult":{"tools":[`,
    ...listedTools(tools, names),
    ']}}}',
  ];
}

/** What the client's tools, as an MCP server, answer to `initialize`. */
export const mcpInitializeResult = {
  protocolVersion: MCP_PROTOCOL_VERSION,
  capabilities: { tools: {} },
  serverInfo: { name: SERVER, version: '1' },
};

/** The settings of one turn; a null takes back what an earlier turn set. Contract: `SDKControlApplyFlagSettingsRequest`. */
export function settingsRequest(settings: TurnSettings): ControlQuestion {
  const { effort, thinking } = settings;
  const env: Readonly<Record<TurnVariable, string>> = {
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: settings.maxTokens === undefined ? '' : String(settings.maxTokens),
    CLAUDE_CODE_EFFORT_LEVEL: effort ?? 'unset',
    CLAUDE_CODE_EXTRA_BODY: thinking === undefined ? '' : JSON.stringify({ thinking }),
    MAX_STRUCTURED_OUTPUT_RETRIES: settings.structuredAttempts === undefined ? '' : String(settings.structuredAttempts),
    CLAUDE_CODE_BLOCKING_LIMIT_OVERRIDE: '',
  };
  return { subtype: 'apply_flag_settings', settings: { env } };
}

/** Settings under which any prompt is too long: the CLI ends a turn where it would call the API. {@link settingsRequest} ends them. */
export const openingRequest: ControlQuestion = {
  subtype: 'apply_flag_settings',
  settings: { env: { CLAUDE_CODE_BLOCKING_LIMIT_OVERRIDE: '1' } satisfies Partial<Record<TurnVariable, string>> },
};
