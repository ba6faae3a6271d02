import type { JsonObject } from '../json.ts';

/**
 * What OCP writes on `/v1/responses`. Contract: OpenAI API reference, Responses; held against the `openai` package by
 * the compiler (test/wire/openai-responses/twins.ts). Members that never have a value here are left out.
 */
export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export interface SummaryText {
  readonly type: 'summary_text';
  readonly text: string;
}

/** The model's thinking. `encrypted_content` holds it whole, signature and all (encrypted-reasoning.ts). */
export interface ReasoningItem {
  readonly id: string;
  readonly type: 'reasoning';
  readonly summary: SummaryText[];
  readonly encrypted_content?: string;
}

export interface OutputText {
  readonly type: 'output_text';
  readonly text: string;
  readonly annotations: [];
  readonly logprobs: [];
}

export interface OutputRefusal {
  readonly type: 'refusal';
  readonly refusal: string;
}

export interface MessageItem {
  readonly id: string;
  readonly type: 'message';
  readonly status: ItemStatus;
  readonly role: 'assistant';
  readonly content: (OutputText | OutputRefusal)[];
}

/** `namespace` is there when the tool came in one; `arguments` is JSON. */
export interface FunctionCallItem {
  readonly id: string;
  readonly type: 'function_call';
  readonly status: ItemStatus;
  readonly call_id: string;
  readonly name: string;
  readonly namespace?: string;
  readonly arguments: string;
}

/** A call of a freeform tool: `input` is the text itself, not JSON. */
export interface CustomToolCallItem {
  readonly id: string;
  readonly type: 'custom_tool_call';
  readonly status: ItemStatus;
  readonly call_id: string;
  readonly name: string;
  readonly namespace?: string;
  readonly input: string;
}

export type OutputItem = ReasoningItem | MessageItem | FunctionCallItem | CustomToolCallItem;

/** Tokens; `input_tokens` includes what was read from and written to the prompt cache. */
export interface ResponseUsage {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: number };
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly total_tokens: number;
}

/** The members of a Response that repeat the request. */
export interface RequestEcho {
  readonly instructions: string | null;
  readonly max_output_tokens: number | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly parallel_tool_calls: boolean;
  readonly previous_response_id: string | null;
  readonly prompt_cache_key: string | null;
  readonly reasoning: {
    readonly effort: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | null;
    readonly summary: 'auto' | 'concise' | 'detailed' | null;
  };
  readonly safety_identifier: string | null;
  readonly service_tier: 'default';
  readonly store: boolean;
  readonly temperature: number;
  readonly text: { readonly format: JsonObject; readonly verbosity: string };
  readonly presence_penalty: number;
  readonly frequency_penalty: number;
  readonly max_tool_calls: null;
  readonly conversation: { readonly id: string } | null;
  readonly tool_choice: string | JsonObject;
  readonly tools: readonly JsonObject[];
  readonly top_logprobs: number;
  readonly top_p: number;
  readonly truncation: 'auto' | 'disabled';
  readonly user: string | null;
}

export type ResponseStatus = 'in_progress' | 'completed' | 'incomplete' | 'failed';

/** The members of a Response that come about while it is made. */
export interface ResponseProgress {
  readonly model: string;
  readonly status: ResponseStatus;
  /** Unix time in seconds; null unless it was completed. */
  readonly completed_at: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly incomplete_details: { readonly reason: 'max_output_tokens' | 'content_filter' } | null;
  readonly output: readonly OutputItem[];
  readonly usage: ResponseUsage | null;
}

export interface ResponseIdentity {
  readonly id: string;
  readonly object: 'response';
  /** Unix time in seconds. */
  readonly created_at: number;
  readonly background: false;
  readonly access_programs: null;
}

export type ResponseObject = ResponseIdentity & RequestEcho & ResponseProgress;
