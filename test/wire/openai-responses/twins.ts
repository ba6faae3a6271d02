import type * as OpenAI from 'openai/resources/responses/responses';
import type { Reasoning } from 'openai/resources/shared';
import type { Body } from '../../../src/wire/openai-responses/schema.ts';
import type {
  CustomToolCallItem,
  FunctionCallItem,
  MessageItem,
  OutputItem,
  ReasoningItem,
  ResponseObject,
  ResponseUsage,
} from '../../../src/wire/openai-responses/types.ts';
import type { Assignable, Mutable } from '../twin-types.ts';

/**
 * Our wire types against the published ones of `openai`: nothing runs here, the compiler refuses this file when they
 * part. What we send must be assignable to theirs, what we read must take everything that theirs allow.
 */
export type Items = [
  Assignable<Mutable<OutputItem>, OpenAI.ResponseOutputItem>,
  Assignable<Mutable<MessageItem>, OpenAI.ResponseOutputMessage>,
  Assignable<Mutable<ReasoningItem>, OpenAI.ResponseReasoningItem>,
  Assignable<Mutable<FunctionCallItem>, OpenAI.ResponseFunctionToolCallItem>,
  Assignable<Mutable<CustomToolCallItem>, OpenAI.ResponseCustomToolCallItem>,
  /** What we give out can come back. */
  Assignable<Mutable<OutputItem>, OpenAI.ResponseInputItem>,
  Assignable<Mutable<ResponseUsage>, OpenAI.ResponseUsage>,
];

/** Members that repeat the client's own JSON, that have codes of ours, that the SDK computes, or that Open Responses wants as null. */
type Elsewhere = 'user' | 'tools' | 'tool_choice' | 'text' | 'error' | 'usage' | 'output_text' | 'output';

export type WholeResponse = [Assignable<Omit<Mutable<ResponseObject>, Elsewhere>, Omit<OpenAI.Response, Elsewhere>>];

/** Every value that the published request allows is read. */
type Read = 'input' | 'instructions' | 'max_output_tokens' | 'parallel_tool_calls' | 'stream' | 'store' | 'truncation';
type Labels = 'background' | 'previous_response_id' | 'metadata' | 'prompt_cache_key' | 'safety_identifier' | 'user';
type Numbers = 'temperature' | 'top_p' | 'top_logprobs';

export type Request = [
  Assignable<Pick<OpenAI.ResponseCreateParamsBase, Read | Labels | Numbers>, Pick<Body, Read | Labels | Numbers>>,
  Assignable<NonNullable<OpenAI.ResponseCreateParamsBase['include']>[number], NonNullable<Body['include']>[number]>,
  Assignable<Reasoning['effort'], NonNullable<Body['reasoning']>['effort']>,
  Assignable<Reasoning['summary'], NonNullable<Body['reasoning']>['summary']>,
];

type RequiredKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T];
type EventOf<T extends string> = Extract<OpenAI.ResponseStreamEvent, { type: T }>;

/** The members that the published type of each event requires; a test compares what is sent. */
export type EventShapes<T extends string> = { readonly [K in T]: { readonly [M in RequiredKeys<EventOf<K>>]: true } };
