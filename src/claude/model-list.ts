import type { ModelInfo } from '@anthropic-ai/sdk/resources/models';
import type { Model as OpenAiModel } from 'openai/resources/models';
import { z } from 'zod';
import { OcpError } from '../wire/errors.ts';
import { parseWith } from '../wire/validate.ts';
import type { Model, ModelCatalogue } from './models.ts';

type AnthropicModel = Pick<
  ModelInfo,
  'id' | 'type' | 'display_name' | 'created_at' | 'max_input_tokens' | 'max_tokens'
>;

/** One model in the dialects of OpenAI and of Anthropic at once. */
export interface ListedModel extends AnthropicModel, OpenAiModel {}

/** The answer of `GET /v1/models` in both dialects. */
export interface ModelList {
  readonly object: 'list';
  readonly data: readonly ListedModel[];
  readonly has_more: boolean;
  readonly first_id: string | null;
  readonly last_id: string | null;
}

/** One model as `GET /v1/models/:id` answers it. Contracts: OpenAI and Anthropic API references, "Models". */
export function listedModel(model: Model): ListedModel {
  return {
    id: model.id,
    object: 'model',
    created: model.created,
    owned_by: 'anthropic',
    type: 'model',
    display_name: model.displayName,
    created_at: new Date(model.created * 1000).toISOString().replace('.000Z', 'Z'),
    max_input_tokens: model.contextWindow ?? null,
    max_tokens: model.maxOutputTokens ?? null,
  };
}

/** All models, in the catalogue's order. Contracts as for `listedModel`; aliases are not listed. */
export function modelList(catalogue: ModelCatalogue): ModelList {
  const data = catalogue.models.map(listedModel);
  return page(data, false);
}

const pageQuery = z.looseObject({
  limit: z
    .string()
    .regex(/^\d{1,4}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(1000))
    .optional(),
  after_id: z.string().optional(),
  before_id: z.string().optional(),
});

/**
 * The page that a query asks for, all where it asks for none: OpenAI's list has no pages. Contract: Anthropic API reference,
 * List models. Raises OcpError `invalid_request`.
 */
export function modelPage(list: ModelList, query: unknown): ModelList {
  const { limit, after_id: after, before_id: before } = parseWith(pageQuery, query);
  if (limit === undefined && after === undefined && before === undefined) return list;
  if (after !== undefined && before !== undefined) {
    throw new OcpError('invalid_request', "'after_id' and 'before_id' cannot be used together.", {
      param: 'before_id',
    });
  }
  const most = limit ?? 20;
  const at = (id: string, param: string): number => {
    const found = list.data.findIndex((model) => model.id === id);
    if (found === -1) throw new OcpError('invalid_request', `'${param}' names no model of the list.`, { param });
    return found;
  };
  if (before !== undefined) {
    const end = at(before, 'before_id');
    return page(list.data.slice(Math.max(0, end - most), end), end > most);
  }
  const start = after === undefined ? 0 : at(after, 'after_id') + 1;
  return page(list.data.slice(start, start + most), start + most < list.data.length);
}

function page(data: readonly ListedModel[], hasMore: boolean): ModelList {
  return {
    object: 'list',
    data,
    has_more: hasMore,
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}
