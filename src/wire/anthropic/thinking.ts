/** How hard the model works; `none` is OpenAI's word for no thinking at all. */
export type Effort = 'none' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** Whether the text of thinking comes along. Contract: Anthropic API reference, `thinking.display`. */
export type ThinkingDisplay = 'summarized' | 'omitted';

/** The `thinking` of a request, as the API takes it. Contract: Anthropic API reference, Messages, `thinking`. */
export type Thinking =
  | { readonly type: 'enabled'; readonly budget_tokens: number; readonly display?: ThinkingDisplay }
  | { readonly type: 'adaptive'; readonly display?: ThinkingDisplay }
  | { readonly type: 'between_tools' }
  | { readonly type: 'disabled' };

/**
 * What a client asked for about thinking, before the model is known. Absent = nothing: the model does what it does by
 * default.
 */
export interface ThinkingWish {
  /** Anthropic's own `thinking`. */
  readonly exact?: Thinking;
  /** OpenAI's way: how hard to think, `none` for not at all, and whether the text is wanted. */
  readonly level?: Effort;
  readonly display?: ThinkingDisplay;
  /** The client's name for the field, for `x-ocp-ignored` and errors. */
  readonly field: string;
}
