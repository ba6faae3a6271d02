import type { Model, ModelCatalogue, Price } from '../../claude/models.ts';
import { priceOf } from '../../claude/models.ts';
import type { Usage } from '../../wire/anthropic/events.ts';

const MILLION = 1_000_000;

/** Every token of a request, cached ones included. */
export function totalTokens(usage: Usage): number {
  return promptTokens(usage) + usage.output_tokens;
}

/** USD of a request at the list prices of models.json; undefined for a model without one. */
export function listPrice(usage: Usage, model: Model | undefined): number | undefined {
  if (model === undefined) return undefined;
  const price = priceOf(model, promptTokens(usage));
  if (price === undefined) return undefined;
  const written = usage.cache_creation_input_tokens ?? 0;
  const writtenForAnHour = Math.min(written, usage.cache_creation?.ephemeral_1h_input_tokens ?? 0);
  const parts = [
    usage.input_tokens * price.input,
    (written - writtenForAnHour) * price.cacheWrite,
    writtenForAnHour * hourlyCacheWrite(price),
    (usage.cache_read_input_tokens ?? 0) * price.cacheRead,
    usage.output_tokens * price.output,
  ];
  return parts.reduce((sum, part) => sum + part, 0) / MILLION;
}

/** The most that a request of so many tokens costs: nothing is read from the cache, and what is not priced is the dearest. */
export function highestPrice(
  prompt: number,
  output: number,
  model: Model | undefined,
  catalogue: ModelCatalogue,
): number {
  const own = model === undefined ? undefined : priceOf(model, prompt);
  const prices = own === undefined ? catalogue.models.flatMap((other) => priceOf(other, prompt) ?? []) : [own];
  return Math.max(0, ...prices.map((price) => (prompt * dearestInput(price) + output * price.output) / MILLION));
}

function dearestInput(price: Price): number {
  return Math.max(price.input, price.cacheWrite, hourlyCacheWrite(price));
}

/** What is written into the one-hour cache costs twice the input. Contract: Anthropic's pricing page, "Prompt caching". */
function hourlyCacheWrite(price: Price): number {
  return 2 * price.input;
}

function promptTokens(usage: Usage): number {
  return usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0);
}
