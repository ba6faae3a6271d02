import type { ServerPowers } from '../claude/arguments.ts';
import type { Setup, TurnSettings } from '../claude/setup.ts';
import { noTools } from '../claude/packed/setup-parts.ts';
import { AgentTurn } from '../wire/anthropic/agent-turn.ts';
import type { Emit, EventFilter } from '../wire/anthropic/filter.ts';
import { asForcedCalls } from '../wire/anthropic/forced-call.ts';
import { createSingleCallFilter } from '../wire/anthropic/single-call.ts';
import { createStopFilter } from '../wire/anthropic/stop-sequences.ts';
import { asContent } from '../wire/anthropic/structured-output.ts';
import type { PackedRequest } from './packed-request.ts';
import type { ThinkingPlan } from './thinking-plan.ts';

/** How often the model may try to meet a schema while the client sees nothing of it. */
const HELD_ATTEMPTS = 3;

/** A filter over all messages of a turn. */
export interface MergingFilter extends EventFilter {
  finish(emit: Emit): void;
  /** True when the CLI refused an answer of which the client has seen a part. */
  readonly rejected?: boolean;
}

/** A filter that can end the message early; then the turn has to be ended upstream. */
export interface CuttingFilter extends EventFilter {
  readonly cut: boolean;
}

/** How a request that the CLI does not know as such is put to it, and how its answer is turned back. */
export interface AnswerPlan {
  /** What the worker is told, but for the model and the system prompt. */
  readonly setup: Pick<Setup, 'tools' | 'outputSchema' | 'powers'>;
  readonly settings: TurnSettings;
  /** Makes one message of the messages of a structured turn, or of one in which the CLI ran tools. */
  readonly merging: MergingFilter | undefined;
  /** An answer against the schema must not pass as one. */
  readonly mustMeetSchema: boolean;
  /** Applied after that, in order. */
  readonly cutting: readonly CuttingFilter[];
  /** Whether the worker's transcript is the client's, so that the conversation can go on in it. */
  readonly isNative: boolean;
}

/**
 * Plans one attempt at an answer; the filters have state and serve once. `isStreamed` answers cannot be taken back.
 * `powers` are what the caller may have done on this machine; tools of the CLI never mix with the client's own.
 */
export function planAnswer(
  request: PackedRequest,
  told: Pick<ThinkingPlan, 'thinking' | 'effort'>,
  isStreamed: boolean,
  powers?: ServerPowers,
): AnswerPlan {
  const { toolChoice, tools, outputSchema, forced, answerRoot, parallelToolUse } = request;
  const settings: TurnSettings = {
    ...(request.maxTokens === undefined ? {} : { maxTokens: request.maxTokens }),
    ...(told.effort === undefined ? {} : { effort: told.effort }),
    ...(told.thinking === undefined ? {} : { thinking: told.thinking }),
  };
  const structuredSettings = { ...settings, structuredAttempts: isStreamed ? 1 : HELD_ATTEMPTS };
  const cutting = [
    ...(parallelToolUse || tools.names.length === 0 ? [] : [createSingleCallFilter()]),
    createStopFilter(request.stopSequences),
  ];
  const base = { cutting, mustMeetSchema: false, isNative: true };
  const hold = !isStreamed;
  if (forced !== undefined && outputSchema !== undefined) {
    return {
      ...base,
      setup: { tools: noTools, outputSchema },
      settings: structuredSettings,
      merging: asForcedCalls(forced.tools, forced.choice, parallelToolUse, { hold }),
      isNative: false,
    };
  }
  if (powers !== undefined && tools.names.length === 0 && outputSchema === undefined) {
    const showsProgress = told.thinking !== undefined && told.thinking.type !== 'disabled';
    const merging = powers.tools.length === 0 ? undefined : new AgentTurn({ showsProgress });
    return { ...base, setup: { tools: noTools, powers }, settings, merging };
  }
  const offered = toolChoice.type === 'none' ? noTools : tools;
  if (outputSchema === undefined || answerRoot === undefined) {
    return { ...base, setup: { tools: offered }, settings, merging: undefined };
  }
  return {
    ...base,
    setup: { tools: offered, outputSchema },
    settings: structuredSettings,
    merging: asContent(answerRoot, { hold }),
    mustMeetSchema: true,
  };
}
