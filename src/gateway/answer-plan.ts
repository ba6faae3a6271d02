import type { Setup, TurnSettings } from '../claude/setup.ts';
import type { EventFilter } from '../wire/anthropic/filter.ts';
import { asForcedCalls, forcedCallSchema } from '../wire/anthropic/forced-call.ts';
import type { MessagesRequest } from '../wire/anthropic/request.ts';
import { createSingleCallFilter } from '../wire/anthropic/single-call.ts';
import { createStopFilter } from '../wire/anthropic/stop-sequences.ts';
import { asContent, contentSchema } from '../wire/anthropic/structured-output.ts';
import type { StructuredFilter } from '../wire/anthropic/structured-turn.ts';

/** How often the model may try to meet a schema while the client sees nothing of it. */
const HELD_ATTEMPTS = 3;

/** A filter that can end the message early; then the turn has to be ended upstream. */
export interface CuttingFilter extends EventFilter {
  readonly cut: boolean;
}

/** How a request that the CLI does not know as such is put to it, and how its answer is turned back. */
export interface AnswerPlan {
  /** What the worker is told, but for the model and the system prompt. */
  readonly setup: Pick<Setup, 'tools' | 'outputSchema'>;
  readonly settings: TurnSettings;
  /** Makes one message of the messages of a structured turn. */
  readonly structured: StructuredFilter | undefined;
  /** An answer against the schema must not pass as one. */
  readonly mustMeetSchema: boolean;
  /** Applied after that, in order. */
  readonly cutting: readonly CuttingFilter[];
  /** Whether the worker's transcript is the client's, so that the conversation can go on in it. */
  readonly isNative: boolean;
}

/** Plans one attempt at an answer; the filters have state and serve once. `isStreamed` answers cannot be taken back. */
export function planAnswer(request: MessagesRequest, isStreamed: boolean): AnswerPlan {
  const { toolChoice, tools, outputSchema, parallelToolUse } = request;
  const settings: TurnSettings = {
    ...(request.maxTokens === undefined ? {} : { maxTokens: request.maxTokens }),
    ...(request.effort === undefined ? {} : { effort: request.effort }),
  };
  const structuredSettings = { ...settings, structuredAttempts: isStreamed ? 1 : HELD_ATTEMPTS };
  const cutting = [
    ...(parallelToolUse || tools.length === 0 ? [] : [createSingleCallFilter()]),
    createStopFilter(request.stopSequences),
  ];
  const base = { cutting, mustMeetSchema: false, isNative: true };
  const hold = !isStreamed;
  if ((toolChoice.type === 'any' || toolChoice.type === 'tool') && tools.length > 0) {
    return {
      ...base,
      setup: { tools: [], outputSchema: forcedCallSchema(tools, toolChoice, parallelToolUse) },
      settings: structuredSettings,
      structured: asForcedCalls(tools, toolChoice, parallelToolUse, { hold }),
      isNative: false,
    };
  }
  const offered = toolChoice.type === 'none' ? [] : tools;
  if (outputSchema === undefined) return { ...base, setup: { tools: offered }, settings, structured: undefined };
  return {
    ...base,
    setup: { tools: offered, outputSchema: contentSchema(outputSchema) },
    settings: structuredSettings,
    structured: asContent(outputSchema, { hold }),
    mustMeetSchema: true,
  };
}
