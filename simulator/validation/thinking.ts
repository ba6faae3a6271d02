import { isObject } from '../json.ts';
import type { Rule } from './rule.ts';

const least = 1_024;
const kinds: readonly unknown[] = ['enabled', 'disabled', 'adaptive', 'between_tools'];

/** Rules about `thinking` and what cannot stand beside it. */
export const thinkingRules: readonly Rule[] = [
  {
    name: 'thinking-type',
    source: 'API reference, Messages: thinking',
    check: ({ thinking }, refuse) => {
      if (thinking === undefined || thinking === null) return;
      if (!isObject(thinking) || !kinds.includes(thinking['type'])) {
        refuse("thinking: Input tag does not match any of the expected tags: 'enabled', 'disabled', 'adaptive'");
      }
    },
  },
  {
    name: 'thinking-budget',
    source: 'Extended thinking: budget_tokens',
    check: ({ thinking, max_tokens: most }, refuse) => {
      if (!isObject(thinking) || thinking['type'] !== 'enabled') return;
      const { budget_tokens: budget } = thinking;
      if (budget === undefined) refuse('thinking.enabled.budget_tokens: Field required');
      if (!Number.isInteger(budget)) refuse('thinking.enabled.budget_tokens: Input should be a valid integer');
      if (Number(budget) < least) {
        refuse(`thinking.enabled.budget_tokens: Input should be greater than or equal to ${least}`);
      }
      if (Number(budget) >= Number(most)) refuse('`max_tokens` must be greater than `thinking.budget_tokens`.');
    },
  },
  {
    name: 'thinking-of-the-model',
    source: 'Adaptive thinking: Supported models',
    check: ({ thinking, model }, refuse, { thinking: takes }) => {
      if (!isObject(thinking) || takes === undefined) return;
      const { type } = thinking;
      if (type === 'adaptive' && takes === 'extended') {
        refuse('thinking: adaptive thinking is not supported on this model');
      }
      if (type === 'enabled' && (takes === 'adaptive' || takes === 'always')) {
        refuse(
          '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
        );
      }
      if (type === 'disabled' && takes === 'always') {
        refuse(`"thinking.type.disabled" is not supported for ${String(model)}: it always thinks.`);
      }
    },
  },
  {
    name: 'thinking-with-forced-tool',
    source: 'Extended thinking: Extended thinking with tool use',
    check: ({ thinking, tool_choice: choice }, refuse) => {
      const forces = isObject(choice) && (choice['type'] === 'any' || choice['type'] === 'tool');
      if (forces && thinks(thinking)) refuse('Thinking may not be enabled when tool_choice forces tool use.');
    },
  },
  {
    name: 'thinking-with-sampling',
    source: 'Extended thinking: Feature compatibility',
    check: ({ thinking, temperature, top_p: topP, top_k: topK }, refuse) => {
      if (!thinks(thinking)) return;
      if (typeof temperature === 'number' && temperature !== 1) {
        refuse('`temperature` may only be set to 1 when thinking is enabled.');
      }
      if (typeof topK === 'number') refuse('`top_k` must be unset when thinking is enabled.');
      if (typeof topP === 'number' && topP < 0.95) {
        refuse('`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.');
      }
    },
  },
];

export function thinks(thinking: unknown): boolean {
  return isObject(thinking) && (thinking['type'] === 'enabled' || thinking['type'] === 'adaptive');
}
