import type { RuleContext, ThinkingKind } from './validation/rule.ts';

interface ModelFacts {
  readonly pattern: RegExp;
  readonly maxOutputTokens: number;
  readonly thinking: ThinkingKind;
  readonly takesPrefill?: true;
}

/**
 * What is published of each family, the first that fits. Source: Anthropic documentation, "Models overview" (output),
 * "Adaptive thinking" and "Extended thinking" (supported models), "Prefill Claude's response" (supported models).
 */
const families: readonly ModelFacts[] = [
  { pattern: /^claude-fable-|^claude-opus-5-5/, maxOutputTokens: 128_000, thinking: 'always' },
  {
    pattern: /^claude-(?:opus|sonnet|haiku)-[5-9]|^claude-opus-4-[78]/,
    maxOutputTokens: 128_000,
    thinking: 'adaptive',
  },
  { pattern: /^claude-(?:opus|sonnet)-4-6/, maxOutputTokens: 128_000, thinking: 'both' },
  { pattern: /^claude-(?:opus|sonnet|haiku)-4-5/, maxOutputTokens: 64_000, thinking: 'extended', takesPrefill: true },
];

/** The facts that the rules need; of a model that is not listed nothing is known, so nothing is refused. */
export function ruleContext(model: unknown): RuleContext {
  const facts = typeof model === 'string' ? families.find(({ pattern }) => pattern.test(model)) : undefined;
  return {
    maxOutputTokens: facts?.maxOutputTokens,
    thinking: facts?.thinking,
    takesPrefill: facts === undefined || facts.takesPrefill === true,
  };
}
