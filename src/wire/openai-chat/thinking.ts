import type { Effort } from '../anthropic/thinking.ts';
import type { Thinking, ThinkingDisplay, ThinkingWish } from '../anthropic/thinking.ts';
import { thinkingOf, thinkingSchema } from '../anthropic/thinking-schema.ts';
import { parseAt } from '../validate.ts';
import type { ChatBody } from './body.ts';

/** Where only "on" is said. */
const unsaid: Effort = 'medium';

/**
 * What a Chat Completions request asks about thinking: OpenAI's `reasoning_effort`, or what servers of this API take beside
 * it: `reasoning` (OpenRouter), `thinking` (Anthropic), `enable_thinking` and `thinking_budget` (Qwen). The first one that
 * says something wins. Raises OcpError `invalid_request`.
 */
export function thinkingWish(body: ChatBody): ThinkingWish | undefined {
  const display: ThinkingDisplay = body.reasoning?.exclude === true ? 'omitted' : 'summarized';
  if (body.reasoning_effort) return { level: levelOf(body.reasoning_effort), display, field: 'reasoning_effort' };
  const { reasoning, thinking, enable_thinking: isEnabled, thinking_budget: budget } = body;
  if (reasoning?.effort) return { level: levelOf(reasoning.effort), display, field: 'reasoning.effort' };
  if (reasoning?.enabled === false) return { level: 'none', field: 'reasoning' };
  if (typeof reasoning?.max_tokens === 'number') return budgeted(reasoning.max_tokens, display, 'reasoning.max_tokens');
  if (reasoning?.enabled === true) return { level: unsaid, display, field: 'reasoning' };
  if (thinking) return anthropicWish(thinking, display);
  if (isEnabled === false) return { level: 'none', field: 'enable_thinking' };
  if (typeof budget === 'number') return budgeted(budget, display, 'thinking_budget');
  return isEnabled === true ? { level: unsaid, display, field: 'enable_thinking' } : undefined;
}

function anthropicWish(thinking: { readonly type: string }, display: ThinkingDisplay): ThinkingWish {
  const field = 'thinking';
  if (thinking.type === 'disabled') return { level: 'none', field };
  if (thinking.type === 'enabled' && !('budget_tokens' in thinking)) return { level: unsaid, display, field };
  const exact = thinkingOf(parseAt(thinkingSchema, thinking, ['thinking']));
  return { exact: shown(exact, display), field };
}

/** The answer has a place for the text of thinking, so it is asked for unless the client says otherwise. */
function shown(thinking: Thinking, display: ThinkingDisplay): Thinking {
  return thinking.type === 'enabled' || thinking.type === 'adaptive' ? { display, ...thinking } : thinking;
}

/** A budget below the least one that Anthropic takes is a wish for little thinking, and none of zero or less. */
function budgeted(tokens: number, display: ThinkingDisplay, field: string): ThinkingWish {
  if (tokens <= 0) return { level: 'none', field };
  return { exact: { type: 'enabled', budget_tokens: Math.max(tokens, 1024), display }, field };
}

/** OpenAI's lowest level is Claude's lowest. */
function levelOf(effort: Effort | 'minimal'): Effort {
  return effort === 'minimal' ? 'low' : effort;
}
