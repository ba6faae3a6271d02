import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadModels, resolveModel } from '../../../src/claude/models.ts';
import { highestPrice, listPrice, totalTokens } from '../../../src/gateway/limits/price.ts';
import { packageRoot } from '../../support/ocp.ts';

const catalogue = loadModels(JSON.parse(readFileSync(join(packageRoot, 'models.json'), 'utf8')));
const model = (name: string): ReturnType<typeof resolveModel>['model'] => resolveModel(catalogue, name).model;

test('a request costs what each kind of its tokens costs', () => {
  const usage = {
    input_tokens: 1000,
    output_tokens: 100,
    cache_creation_input_tokens: 10_000,
    cache_read_input_tokens: 100_000,
  };
  assert.equal(totalTokens(usage), 111_100);
  const close = (found: number | undefined, usd: number): void =>
    assert.ok(found !== undefined && Math.abs(found - usd) < 1e-9, `${found} is not ${usd}`);
  close(listPrice(usage, model('sonnet')), (1000 * 2 + 100 * 10 + 10_000 * 2.5 + 100_000 * 0.1) / 1e6);
  const forAnHour = { ...usage, cache_creation: { ephemeral_1h_input_tokens: 4000 } };
  close(listPrice(forAnHour, model('sonnet')), (1000 * 2 + 100 * 10 + 6000 * 2.5 + 4000 * 4 + 100_000 * 0.1) / 1e6);
  // Over 100 000 tokens of prompt this model has another price.
  close(listPrice(usage, model('haiku')), (1000 * 0.5 + 100 * 2.5 + 10_000 * 0.625 + 100_000 * 0.05) / 1e6);
  assert.equal(listPrice(usage, undefined), undefined);
});

test('the highest price is never below the real one, and that of an unknown model is the dearest there is', () => {
  for (const known of catalogue.models) {
    const written = { input_tokens: 0, output_tokens: 500, cache_creation_input_tokens: 20_000 };
    const most = highestPrice(20_000, 500, known, catalogue);
    assert.ok(most >= (listPrice(written, known) ?? 0));
    assert.ok(highestPrice(20_000, 500, undefined, catalogue) >= most);
  }
});
