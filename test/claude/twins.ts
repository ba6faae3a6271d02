import type {
  SDKAPIRetryMessage,
  SDKControlGetContextUsageResponse,
  SDKControlGetUsageResponse,
  SDKControlRequest,
  SDKControlResponse,
  SDKConversationResetMessage,
  SDKPartialAssistantMessage,
  SDKRateLimitEvent,
  SDKResultMessage,
  SDKSystemMessage,
} from '@anthropic-ai/claude-agent-sdk';
import type { ControlSubtype, cliQuestions } from '../../src/claude/cli-names.ts';
import type {
  ApiRetryLine,
  ControlResponseLine,
  ConversationResetLine,
  InitLine,
  RateLimitLine,
  ResultLine,
  StreamEventLine,
} from '../../src/claude/protocol.ts';

/** Compiles only where every published line has what OCP reads of it. */
type Has<Published extends Ours, Ours> = [Published, Ours];

/** Never run: the compiler holds the shapes of src/claude/protocol.ts against the published ones. */
export type ProtocolTwins = [
  Has<SDKPartialAssistantMessage, StreamEventLine>,
  Has<SDKResultMessage, Loose<ResultLine>>,
  Has<SDKSystemMessage, InitLine>,
  Has<SDKAPIRetryMessage, ApiRetryLine>,
  Has<SDKRateLimitEvent, Loose<RateLimitLine>>,
  Has<SDKConversationResetMessage, ConversationResetLine>,
  Has<SDKControlResponse, Loose<ControlResponseLine>>,
];

/** The same shape where an optional member may also be undefined, as the published types have it. */
type Loose<T> = T extends object ? { [K in keyof T]: undefined extends T[K] ? T[K] | undefined : Loose<T[K]> } : T;

type Question<Subtype extends string> = Extract<SDKControlRequest['request'], { subtype: Subtype }>;
type PublishedSubtype = SDKControlRequest['request']['subtype'];
type ContextCategory = SDKControlGetContextUsageResponse['categories'][number];

/** Every question that OCP asks or answers is a published one, with the members that OCP writes or reads. */
export type ControlTwins = [
  Has<ControlSubtype, PublishedSubtype>,
  Has<(typeof cliQuestions)[number], PublishedSubtype>,
  Has<
    'systemPrompt' | 'hooks' | 'jsonSchema' | 'sdkMcpServers' | 'sdkMcpServerManifests',
    keyof Question<'initialize'>
  >,
  Has<'settings', keyof Question<'apply_flag_settings'>>,
  Has<'skip_behaviors', keyof Question<'get_usage'>>,
  Has<Question<'can_use_tool'>, { readonly tool_use_id: string; readonly input: object }>,
  Has<Question<'hook_callback'>, { readonly callback_id: string }>,
  Has<'message', keyof Question<'mcp_message'>>,
  Has<'kind' | 'tokens', keyof ContextCategory>,
  Has<'rate_limits_available' | 'rate_limits' | 'subscription_type', keyof SDKControlGetUsageResponse>,
];
