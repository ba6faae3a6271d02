import type { Offer } from '../offer.ts';

/** A variable and its value. */
export type Variable = readonly [string, string];

/**
 * What programs find OCP by. The key stands there in any case: a key for OpenAI that happens to be set would be sent to OCP.
 * `anthropic` adds what makes every program that speaks to Anthropic use OCP, Claude Code included.
 */
export function variablesFor(offer: Offer, anthropic: boolean): readonly Variable[] {
  return [
    ['OPENAI_BASE_URL', offer.baseUrl],
    ['OPENAI_API_KEY', offer.key],
    ...(anthropic
      ? ([
          ['ANTHROPIC_BASE_URL', offer.url],
          ['ANTHROPIC_AUTH_TOKEN', offer.key],
        ] as const)
      : []),
  ];
}
