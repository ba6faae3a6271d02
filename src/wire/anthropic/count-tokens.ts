import { parseWith } from '../validate.ts';
import type { Prompt } from './prompt.ts';
import { readPrompt } from './prompt.ts';
import { countTokensBody } from './schema.ts';

/** The answer to `POST /v1/messages/count_tokens`. Contract: Anthropic API reference, "Count tokens in a Message". */
export interface TokenCount {
  readonly input_tokens: number;
}

/** Reads the body of `POST /v1/messages/count_tokens`. Raises OcpError as `parseMessages` does. */
export function parseCountTokens(body: unknown): Prompt {
  return readPrompt(parseWith(countTokensBody, body));
}

export function tokenCount(inputTokens: number): TokenCount {
  return { input_tokens: inputTokens };
}
