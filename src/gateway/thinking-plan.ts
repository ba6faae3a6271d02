import { OcpError } from '../wire/errors.ts';
import type { MessagesRequest } from '../wire/anthropic/request.ts';
import type { Effort } from '../wire/anthropic/thinking.ts';
import type { Thinking, ThinkingWish } from '../wire/anthropic/thinking.ts';
import type { EffortLevel, Model, ResolvedModel } from '../claude/models.ts';

/** What a model is told of a wish, and the names of what it cannot be told. */
export interface ThinkingPlan {
  readonly thinking?: Thinking;
  readonly effort?: EffortLevel;
  readonly ignored: readonly string[];
}

/** The least budget that the API takes, and the least room that is left for the answer itself; tokens. */
const LEAST_BUDGET = 1024;
const LEAST_ANSWER = 1024;
/** The budgets that stand for OpenAI's levels on models that need one, tokens. */
const budgets: Readonly<Record<EffortLevel, number>> = {
  low: 4096,
  medium: 8192,
  high: 16_384,
  xhigh: 24_576,
  max: 30_000,
};

/**
 * Decides what a model is told about thinking and effort. Nothing asked is nothing told. Contract: Anthropic's
 * documentation, "Thinking" and "Effort"; which model takes what is in models.json. Raises OcpError `invalid_request` for
 * what the API refuses.
 */
export function planThinking(
  request: Pick<MessagesRequest, 'thinking' | 'effort' | 'maxTokens'>,
  resolved: ResolvedModel,
): ThinkingPlan {
  const ignored: string[] = [];
  const { model } = resolved;
  const { thinking: wish } = request;
  const asked = wish === undefined ? undefined : toldThinking(wish, request.maxTokens, knownOf(resolved), ignored);
  const level = request.effort ?? effortOfBudget(wish?.exact, asked);
  const effort = level === undefined ? undefined : toldEffort(level, model, wish, asked, ignored);
  return {
    ...(asked === undefined ? {} : { thinking: asked }),
    ...(effort === undefined ? {} : { effort }),
    ignored,
  };
}

function toldThinking(
  wish: ThinkingWish,
  maxTokens: number | undefined,
  model: Known,
  ignored: string[],
): Thinking | undefined {
  if (wish.exact !== undefined) return exactThinking(wish.exact, maxTokens, model, ignored);
  if (wish.level === 'none') return withoutThinking(wish, model, ignored);
  if (model?.thinking === 'off') {
    ignored.push(wish.field);
    return undefined;
  }
  const display = wish.display === undefined ? {} : { display: wish.display };
  if (takes(model, 'adaptive')) return { type: 'adaptive', ...display };
  // A model that needs a budget thinks only where a level was asked for: the wish to see thinking is none to think.
  if (wish.level === undefined) {
    ignored.push(wish.field);
    return undefined;
  }
  const wanted = budgets[wish.level];
  const budget = maxTokens === undefined ? wanted : Math.min(wanted, maxTokens - LEAST_ANSWER);
  if (budget >= LEAST_BUDGET) return { type: 'enabled', budget_tokens: budget, ...display };
  ignored.push(wish.field);
  return undefined;
}

function exactThinking(thinking: Thinking, maxTokens: number | undefined, model: Known, ignored: string[]): Thinking {
  if (thinking.type === 'enabled' && maxTokens !== undefined && thinking.budget_tokens >= maxTokens) {
    throw refused('`max_tokens` must be greater than `thinking.budget_tokens`.', 'thinking.budget_tokens');
  }
  if (takes(model, thinking.type)) return thinking;
  if (thinking.type === 'enabled' && takes(model, 'adaptive')) {
    ignored.push('thinking.budget_tokens');
    const { display } = thinking;
    return { type: 'adaptive', ...(display === undefined ? {} : { display }) };
  }
  // What these models have for it: without tools they do not think, with tools they may between them.
  if (thinking.type === 'disabled' && takes(model, 'between_tools')) {
    ignored.push('thinking.type');
    return { type: 'between_tools' };
  }
  const accepted = model?.thinkingTypes.map((type) => `"${type}"`).join(' or ') ?? '';
  throw refused(
    `"thinking.type.${thinking.type}" is not supported for this model. ` +
      (accepted === '' ? 'Leave `thinking` out.' : `Leave \`thinking\` out, or use ${accepted}.`),
    'thinking.type',
  );
}

/** Off, in the words that this model has for it. */
function withoutThinking(wish: ThinkingWish, model: Known, ignored: string[]): Thinking | undefined {
  if (model?.thinking === 'optional' || model?.thinking === 'off') return undefined;
  if (takes(model, 'disabled')) return { type: 'disabled' };
  if (takes(model, 'between_tools')) return { type: 'between_tools' };
  ignored.push(wish.field);
  return undefined;
}

type Known = Pick<Model, 'thinking' | 'thinkingTypes'> | undefined;

/** Models before 4.6, which are not in models.json, think within a budget only. */
const budgetFamilies = /^claude-(?:3-|(?:opus|sonnet|haiku)-4(?:-[015])?(?:[-@]\d{8})?(?:$|-v\d))/u;

/** What is known of a model; one that is not listed is left to the API. */
function knownOf({ id, model }: ResolvedModel): Known {
  if (model?.thinking !== undefined) return model;
  return budgetFamilies.test(id) ? { thinking: 'optional', thinkingTypes: ['enabled', 'disabled'] } : undefined;
}

function takes(model: Known, type: Thinking['type']): boolean {
  return model === undefined || model.thinkingTypes.includes(type);
}

/** A budget that had to be left out lives on as the nearest effort. */
function effortOfBudget(asked: Thinking | undefined, told: Thinking | undefined): Effort | undefined {
  if (asked?.type !== 'enabled' || told?.type === 'enabled') return undefined;
  if (asked.budget_tokens < 4096) return 'low';
  return asked.budget_tokens < 16_384 ? 'medium' : 'high';
}

function toldEffort(
  level: Effort,
  model: Model | undefined,
  wish: ThinkingWish | undefined,
  told: Thinking | undefined,
  ignored: string[],
): EffortLevel | undefined {
  if (level === 'none') return undefined;
  if (model === undefined || model.effort.includes(level)) return level;
  // A budget says as much, where the model takes no effort at all.
  if (told?.type === 'enabled' && model.effort.length === 0) return undefined;
  const field = wish?.level === undefined ? 'output_config.effort' : wish.field;
  if (!ignored.includes(field)) ignored.push(field);
  return model.effort.length === 0 ? undefined : 'high';
}

function refused(message: string, param: string): OcpError {
  return new OcpError('invalid_request', message, { param });
}
