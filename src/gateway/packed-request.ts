import type { PackedMessages } from '../claude/packed/messages.ts';
import { charactersOf } from '../claude/packed/messages.ts';
import { packMessages } from '../claude/packed/pack-messages.ts';
import type { PackedJson, PackedSystem, PackedTools } from '../claude/packed/setup-parts.ts';
import { noTools, packJson, packSystem, packTools } from '../claude/packed/setup-parts.ts';
import type { ForcedChoice } from '../wire/anthropic/forced-call.ts';
import { forcedCallSchema } from '../wire/anthropic/forced-call.ts';
import type { MessagesRequest, Tool } from '../wire/anthropic/request.ts';
import { contentSchema, schemaRoot } from '../wire/anthropic/structured-output.ts';
import type { JsonObject } from '../wire/json.ts';

/**
 * A request as it goes through the gateway: what a worker is told is finished JSON, and of the rest only as much is left as
 * later steps decide by. It is small however long the prompt is, apart from the bytes themselves, and made once, in a thread
 * where it is large.
 */
export interface PackedRequest extends Pick<
  MessagesRequest,
  'model' | 'toolChoice' | 'parallelToolUse' | 'maxTokens' | 'stopSequences' | 'effort' | 'thinking'
> {
  readonly messages: PackedMessages;
  readonly system: PackedSystem;
  readonly tools: PackedTools;
  /** The schema that the CLI is given, for a forced call or a structured answer. */
  readonly outputSchema?: PackedJson;
  readonly forced?: Forced;
  /** The client's own schema for the answer: of its root as much as decides how the answer is read. */
  readonly answerRoot?: JsonObject;
}

/** A call that the client forces. */
export interface Forced {
  readonly choice: ForcedChoice;
  /** The tools that may be called, two at most: more make no difference to how the call is read. Schemas as far as their roots. */
  readonly tools: readonly Tool[];
}

/** Packs a translated request. `expectedBytes` is about how large the JSON of its messages will be. */
export function packRequest(request: MessagesRequest, expectedBytes?: number): PackedRequest {
  const { model, toolChoice, parallelToolUse, maxTokens, stopSequences, effort, thinking, tools, outputSchema } =
    request;
  const head = {
    model,
    toolChoice,
    parallelToolUse,
    stopSequences,
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(effort === undefined ? {} : { effort }),
    ...(thinking === undefined ? {} : { thinking }),
    system: packSystem(request.system),
    messages: packMessages(request.messages, expectedBytes === undefined ? {} : { expectedBytes }),
    tools: tools.length === 0 ? noTools : packTools(tools),
  };
  if ((toolChoice.type === 'any' || toolChoice.type === 'tool') && tools.length > 0) {
    const schema = packJson(forcedCallSchema(tools, toolChoice, parallelToolUse));
    return { ...head, outputSchema: schema, forced: forcedOf(tools, toolChoice) };
  }
  if (outputSchema === undefined) return head;
  const schema = packJson(contentSchema(outputSchema));
  return { ...head, outputSchema: schema, answerRoot: schemaRoot(outputSchema) };
}

/** Characters of system prompt and messages. */
export function promptCharacters({ system, messages }: Pick<PackedRequest, 'system' | 'messages'>): number {
  return system.characters + charactersOf(messages);
}

function forcedOf(tools: readonly Tool[], choice: ForcedChoice): Forced {
  const candidates = choice.type === 'any' ? tools : tools.filter(({ name }) => name === choice.name);
  return {
    choice,
    tools: candidates.slice(0, 2).map(({ name, input_schema }) => ({ name, input_schema: schemaRoot(input_schema) })),
  };
}
