import type { ModelInfo } from '@anthropic-ai/sdk/resources/models';
import type { Model as OpenAiModel } from 'openai/resources/models';
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
  readonly has_more: false;
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

/** All models, in the catalogue's order, on one page. Contracts as for `listedModel`; aliases are not listed. */
export function modelList(catalogue: ModelCatalogue): ModelList {
  const data = catalogue.models.map(listedModel);
  return {
    object: 'list',
    data,
    has_more: false,
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}
