import { ApiError } from '../errors.ts';
import type { WireObject } from '../json.ts';
import { isObject } from '../json.ts';
import { ruleContext } from '../models.ts';
import { mediaRules } from './media.ts';
import { messageRules } from './messages.ts';
import { parameterRules } from './parameters.ts';
import type { Rule } from './rule.ts';
import { apply } from './rule.ts';
import { thinkingRules } from './thinking.ts';
import { toolPairRules } from './tool-pairs.ts';
import { toolRules } from './tools.ts';

/**
 * Everything that the API refuses in a body and that can be seen from the body alone, in the order in which it is checked.
 * Each rule names the page of Anthropic's documentation that has it.
 */
export const rules: readonly Rule[] = [
  ...parameterRules,
  ...messageRules,
  ...toolRules,
  ...toolPairRules,
  ...mediaRules,
  ...thinkingRules,
];

/** @throws ApiError 400, with the broken rule in its headers. */
export function validateBody(body: unknown): WireObject {
  if (!isObject(body)) throw new ApiError(400, 'The request body must be a JSON object');
  const context = ruleContext(body['model']);
  for (const rule of rules) apply(rule, body, context);
  return body;
}
