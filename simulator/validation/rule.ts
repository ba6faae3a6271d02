import { ApiError } from '../errors.ts';
import type { WireObject } from '../json.ts';

/** What a rule may know beside the body. */
export interface RuleContext {
  /** Tokens; the model's own limit of an answer, where it is published. */
  readonly maxOutputTokens: number | undefined;
  /** Whether an answer may begin with a last assistant message of the client's. */
  readonly takesPrefill: boolean;
  /** Which `thinking` the model takes; undefined where nothing is published. */
  readonly thinking: ThinkingKind | undefined;
}

/** `extended`: with a budget only. `both`: with a budget or adaptive. `adaptive`: no budget. `always`: cannot be off. */
export type ThinkingKind = 'extended' | 'both' | 'adaptive' | 'always';

/** Something that the API refuses. */
export interface Rule {
  /** Sent with the refusal as `x-simulator-rule`. */
  readonly name: string;
  /** The page of Anthropic's documentation that has it, and its section. */
  readonly source: string;
  /** Calls `refuse` for a request that breaks the rule. */
  readonly check: (body: WireObject, refuse: Refuse, context: RuleContext) => void;
}

/** Ends the request with a 400 in the API's words. */
export type Refuse = (message: string) => never;

/** Applies a rule. @throws ApiError 400 that names the rule and its source. */
export function apply(rule: Rule, body: WireObject, context: RuleContext): void {
  const refuse: Refuse = (message) => {
    const headers = { 'x-simulator-rule': rule.name, 'x-simulator-source': rule.source };
    throw new ApiError(400, message, undefined, headers);
  };
  rule.check(body, refuse, context);
}
