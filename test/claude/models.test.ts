import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { joinWithCli } from '../../src/claude/cli-models.ts';
import { listedModel, modelList, modelPage } from '../../src/claude/model-list.ts';
import { loadModels, priceOf, resolveModel, withAliases, withDefaultModel } from '../../src/claude/models.ts';
import { OcpError } from '../../src/wire/errors.ts';

const json: unknown = JSON.parse(readFileSync(new URL('../../models.json', import.meta.url), 'utf8'));
const catalogue = loadModels(json);

function refusal(asked: string): OcpError {
  try {
    resolveModel(catalogue, asked);
  } catch (error) {
    assert.ok(error instanceof OcpError);
    return error;
  }
  assert.fail(`${asked} was accepted`);
}

describe('the model catalogue', () => {
  it('reads names as clouds and other tools write them, and names the nearest where there is none', () => {
    for (const [asked, id] of [
      ['claude-sonnet-5.5', 'claude-sonnet-5-5'],
      ['anthropic/claude-sonnet-4.5', 'claude-sonnet-4-5'],
      ['openrouter/anthropic/claude-opus-4.7', 'claude-opus-4-7'],
      ['claude-sonnet-4-5@20250929', 'claude-sonnet-4-5-20250929'],
      ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'claude-sonnet-4-5-20250929'],
      ['anthropic.claude-haiku-4-5-20251001-v1:0', 'claude-haiku-4-5-20251001'],
      ['global.anthropic.claude-opus-5-5', 'claude-opus-5-5'],
      ['claude-4.6-sonnet', 'claude-sonnet-4-6'],
      ['claude-3-5-sonnet-20241022', 'claude-3-5-sonnet-20241022'],
      ['Claude-Haiku-4.5', 'claude-haiku-4-5-20251001'],
      ['anthropic/claude-sonnet-5.5[1m]', 'claude-sonnet-5-5[1m]'],
    ] as const) {
      assert.equal(resolveModel(catalogue, asked).id, id, asked);
    }
    assert.match(refusal('sonett').message, /Nearest: sonnet/u);
    assert.match(refusal('gpt-5').message, /Nearest: /u);
  });

  it('is listed in pages where they are asked for', () => {
    const all = modelList(catalogue);
    const ids = all.data.map(({ id }) => id);
    assert.deepEqual(modelPage(all, {}), all);
    for (const limit of [1, 5, 1000]) {
      const seen: string[] = [];
      for (let after: string | null | undefined; ;) {
        const page = modelPage(all, { limit: String(limit), ...(after === undefined ? {} : { after_id: after }) });
        seen.push(...page.data.map(({ id }) => id));
        after = page.last_id;
        if (!page.has_more) break;
      }
      assert.deepEqual(seen, ids);
    }
    const before = modelPage(all, { limit: '2', before_id: ids[4] });
    assert.deepEqual([before.data.map(({ id }) => id), before.has_more], [ids.slice(2, 4), true]);
    for (const query of [
      { limit: '0' },
      { limit: 'x' },
      { after_id: 'nobody' },
      { after_id: ids[0], before_id: ids[1] },
    ]) {
      assert.throws(() => modelPage(all, query), OcpError);
    }
  });

  it('resolves ids, aliases, legacy aliases, any case and providers’ prefixes', () => {
    const id = (asked: string): string => resolveModel(catalogue, asked).id;
    assert.equal(id('claude-sonnet-5-5'), 'claude-sonnet-5-5');
    assert.equal(id('sonnet'), 'claude-sonnet-5-5');
    assert.equal(id('Opus'), 'claude-opus-5-5');
    assert.equal(id('claude-haiku-4-5'), 'claude-haiku-4-5-20251001');
    assert.equal(id('anthropic/claude-opus-5-5'), 'claude-opus-5-5');
    assert.equal(id('ocp/haiku'), 'claude-haiku-5-5');
    assert.equal(id('openrouter/anthropic/claude-opus-4-8'), 'claude-opus-4-8');
    assert.equal(id('claude-local/CLAUDE-SONNET-5-5'), 'claude-sonnet-5-5');
    assert.equal(id(''), 'claude-sonnet-5-5');
    assert.equal(id('default'), 'claude-sonnet-5-5');
  });

  it('passes other claude names on, without inventing facts about them', () => {
    assert.deepEqual(resolveModel(catalogue, 'claude-opus-9-20300101'), {
      id: 'claude-opus-9-20300101',
      model: undefined,
    });
  });

  it('keeps the suffix for the long context window', () => {
    const { id, model } = resolveModel(catalogue, 'claude-opus-4-6[1m]');
    assert.equal(id, 'claude-opus-4-6[1m]');
    assert.equal(model?.contextWindow, 1_000_000);
    assert.equal(resolveModel(catalogue, 'sonnet[1m]').id, 'claude-sonnet-5-5[1m]');
  });

  it('refuses anything else with the list of names', () => {
    for (const asked of ['gpt-6', 'claude', 'claude- --help', 'claude-x;y', 'constructor', '__proto__']) {
      const error = refusal(asked);
      assert.equal(error.code, 'model_not_found');
      assert.equal(error.status, 404);
      assert.equal(error.param, 'model');
      assert.match(error.message, /sonnet, haiku, .*claude-opus-5-5/);
    }
  });

  it('gives for any name a refusal or an id that is one harmless word', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((end) => `claude-${end}`),
        ),
        (asked) => {
          try {
            assert.match(resolveModel(catalogue, asked).id, /^claude-[a-z0-9][a-z0-9._:@-]*(?:\[1m\])?$/);
          } catch (error) {
            assert.ok(error instanceof OcpError && error.code === 'model_not_found');
          }
        },
      ),
    );
  });

  it('takes another default, and refuses one that does not exist', () => {
    assert.equal(resolveModel(withDefaultModel(catalogue, 'haiku'), '').id, 'claude-haiku-5-5');
    assert.equal(resolveModel(withDefaultModel(catalogue, undefined), '').id, 'claude-sonnet-5-5');
    assert.throws(() => withDefaultModel(catalogue, 'gpt-6'), OcpError);
  });

  it('takes further names from the operator', () => {
    const named = withAliases(catalogue, ['GPT-5.5=sonnet', 'opus=claude-haiku-5-5']);
    assert.equal(resolveModel(named, 'openai/gpt-5.5').id, resolveModel(catalogue, 'sonnet').id);
    assert.equal(resolveModel(named, 'opus').id, 'claude-haiku-5-5', 'the operator wins over the file');
    assert.equal(resolveModel(named, 'haiku').id, 'claude-haiku-5-5');
    assert.throws(() => withAliases(catalogue, ['mine=gpt-6']), OcpError);
  });

  it('prices a long prompt as such where the model has a second price', () => {
    const haiku = catalogue.models.find(({ id }) => id === 'claude-haiku-5-5');
    const opus = catalogue.models.find(({ id }) => id === 'claude-opus-5-5');
    assert.ok(haiku !== undefined && opus !== undefined);
    assert.equal(priceOf(haiku, 100_000)?.input, 0.1);
    assert.equal(priceOf(haiku, 100_001)?.input, 0.5);
    assert.equal(priceOf(opus, 900_000)?.output, 20);
  });

  it('refuses a file whose aliases or default lead nowhere', () => {
    const whole = structuredClone(json) as Record<string, unknown>;
    assert.throws(() => loadModels({ ...whole, aliases: { opus: 'claude-opus-99' } }), /opus names no model/);
    assert.throws(() => loadModels({ ...whole, default: 'gpt-6' }), OcpError);
    assert.throws(() => loadModels({ ...whole, models: [] }));
    assert.throws(() => loadModels({ ...whole, models: [...catalogue.models, { id: 'claude-x' }] }));
  });
});

describe('the catalogue joined with the list of the CLI', () => {
  const listed = [
    { value: 'default', resolvedModel: 'claude-opus-6-1', displayName: 'Default (recommended)' },
    {
      value: 'opus',
      resolvedModel: 'claude-opus-6-1',
      displayName: 'Opus',
      supportedEffortLevels: ['low', 'max', 'x'],
    },
    { value: 'saga', resolvedModel: 'claude-saga-6-20270101', displayName: 'Saga' },
    { value: 'sonnet', resolvedModel: 'claude-sonnet-5-5', displayName: 'Sonnet' },
    { value: 7 },
    null,
    { value: 'arn:aws:bedrock:model', displayName: 'Custom' },
  ];
  const joined = joinWithCli(catalogue, listed);

  it('offers the models that only the CLI knows', () => {
    const added = joined.models.slice(catalogue.models.length);
    assert.deepEqual(
      added.map(({ id, displayName, effort }) => ({ id, displayName, effort })),
      [
        { id: 'claude-opus-6-1', displayName: 'Claude Opus 6.1', effort: [] },
        { id: 'claude-saga-6-20270101', displayName: 'Claude Saga 6', effort: [] },
      ],
    );
    assert.equal(resolveModel(joined, 'saga').id, 'claude-saga-6-20270101');
  });

  it('leaves what models.json says as it is', () => {
    assert.equal(resolveModel(joined, 'opus').id, 'claude-opus-5-5');
    assert.equal(resolveModel(joined, '').id, 'claude-sonnet-5-5');
    assert.deepEqual(joined.models.slice(0, catalogue.models.length), catalogue.models);
    assert.deepEqual(joinWithCli(joined, listed), joined);
  });
});

describe('the list of models', () => {
  it('carries the dialects of OpenAI and Anthropic at once', () => {
    const list = modelList(catalogue);
    assert.equal(list.object, 'list');
    assert.equal(list.data.length, catalogue.models.length);
    assert.equal(list.first_id, list.data[0]?.id);
    assert.equal(list.last_id, list.data.at(-1)?.id);
    assert.deepEqual(
      list.data.find(({ id }) => id === 'claude-opus-5-5'),
      {
        id: 'claude-opus-5-5',
        object: 'model',
        created: 1_790_035_200,
        owned_by: 'anthropic',
        type: 'model',
        display_name: 'Claude Opus 5.5',
        created_at: '2026-09-22T00:00:00Z',
        max_input_tokens: 1_000_000,
        max_tokens: 128_000,
      },
    );
  });

  it('says null for sizes that are not known, and dates a new model by its id or by the list', () => {
    const added = joinWithCli(catalogue, [{ value: 'claude-new-1' }, { value: 'claude-new-2-20270304' }]);
    const [plain, dated] = added.models.slice(-2).map(listedModel);
    assert.deepEqual([plain?.max_tokens, plain?.max_input_tokens], [null, null]);
    assert.equal(plain?.created, catalogue.version);
    assert.equal(dated?.created_at, '2027-03-04T00:00:00Z');
  });

  it('has a release date for every model', () => {
    for (const { id, created } of catalogue.models) assert.ok(created > Date.parse('2025-01-01') / 1000, id);
  });
});
