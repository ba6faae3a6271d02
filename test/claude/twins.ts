import type {
  SDKAPIRetryMessage,
  SDKControlResponse,
  SDKConversationResetMessage,
  SDKPartialAssistantMessage,
  SDKRateLimitEvent,
  SDKResultMessage,
  SDKSystemMessage,
} from '@anthropic-ai/claude-agent-sdk';
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
