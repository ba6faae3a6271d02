import type { JsonObject } from '../json.ts';

/**
 * Content blocks: what a message is made of, in the language that OCP speaks inside.
 * Contract: Anthropic API reference, Messages, `content`. Shapes are held against `@anthropic-ai/sdk` by the compiler
 * (test/wire/anthropic/twins.ts). `cache_control` is never part of them: the CLI and OCP place the breakpoints.
 */
export interface TextBlock {
  readonly type: 'text';
  readonly text: string;
}

/** Image bytes in base64, or an address that Anthropic (never OCP) fetches. */
export interface ImageBlock {
  readonly type: 'image';
  readonly source:
    | { readonly type: 'base64'; readonly media_type: ImageMediaType; readonly data: string }
    | { readonly type: 'url'; readonly url: string };
}

/** The image formats that Anthropic reads. */
export type ImageMediaType = 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';

/** A PDF or plain-text document. */
export interface DocumentBlock {
  readonly type: 'document';
  readonly source:
    | { readonly type: 'base64'; readonly media_type: 'application/pdf'; readonly data: string }
    | { readonly type: 'text'; readonly media_type: 'text/plain'; readonly data: string }
    | { readonly type: 'url'; readonly url: string };
  readonly title?: string;
  readonly context?: string;
}

/** The model's reasoning; the signature must travel back unchanged. */
export interface ThinkingBlock {
  readonly type: 'thinking';
  readonly thinking: string;
  readonly signature: string;
}

/** Reasoning that Anthropic returns encrypted; it must travel back unchanged. */
export interface RedactedThinkingBlock {
  readonly type: 'redacted_thinking';
  readonly data: string;
}

/** A call of one of the client's tools. */
export interface ToolUseBlock {
  readonly type: 'tool_use';
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
}

/** What the client's tool answered. */
export interface ToolResultBlock {
  readonly type: 'tool_result';
  readonly tool_use_id: string;
  readonly content: readonly ToolResultContent[];
  readonly is_error?: boolean;
}

export type ToolResultContent = TextBlock | ImageBlock | DocumentBlock;
export type UserBlock = TextBlock | ImageBlock | DocumentBlock | ToolResultBlock;
export type AssistantBlock = TextBlock | ThinkingBlock | RedactedThinkingBlock | ToolUseBlock;
