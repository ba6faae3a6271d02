import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { loadModels } from '../../src/claude/models.ts';
import { planThinking } from '../../src/gateway/thinking-plan.ts';
import { OcpError } from '../../src/wire/errors.ts';
import type { Thinking } from '../../src/wire/anthropic/thinking.ts';

const { models } = loadModels(JSON.parse(readFileSync(new URL('../../models.json', import.meta.url), 'utf8')));
const anyModel = fc.constantFrom(...models);
const display = fc.option(fc.constantFrom('summarized' as const, 'omitted' as const), { nil: undefined });
const maxTokens = fc.option(fc.integer({ min: 1, max: 128_000 }), { nil: undefined });
const level = fc.constantFrom('none', 'low', 'medium', 'high', 'xhigh', 'max' as const);
const exact: fc.Arbitrary<Thinking> = fc.oneof(
  fc.record({ type: fc.constant('enabled' as const), budget_tokens: fc.integer({ min: 1024, max: 100_000 }) }),
  fc.record({ type: fc.constant('adaptive' as const) }),
  fc.record({ type: fc.constant('between_tools' as const) }),
  fc.record({ type: fc.constant('disabled' as const) }),
);

test('nothing asked is nothing told, on every model and with every limit', () => {
  fc.assert(
    fc.property(anyModel, maxTokens, (model, most) => {
      const request = most === undefined ? {} : { maxTokens: most };
      assert.deepEqual(planThinking(request, { id: model.id, model }), { ignored: [] });
    }),
  );
});

test('what Anthropic’s own field asks is told as it is, named, or refused', () => {
  fc.assert(
    fc.property(anyModel, maxTokens, exact, display, (model, most, asked, shown) => {
      const thinking = shown !== undefined && 'budget_tokens' in asked ? { ...asked, display: shown } : asked;
      const request = {
        thinking: { exact: thinking, field: 'thinking' },
        ...(most === undefined ? {} : { maxTokens: most }),
      };
      try {
        const plan = planThinking(request, { id: model.id, model });
        if (plan.ignored.length === 0) assert.deepEqual(plan.thinking, thinking);
        assert.ok(plan.thinking !== undefined && model.thinkingTypes.includes(plan.thinking.type));
        if (plan.thinking.type === 'enabled' && most !== undefined) assert.ok(plan.thinking.budget_tokens < most);
      } catch (error) {
        assert.ok(
          error instanceof OcpError && error.code === 'invalid_request' && error.param?.startsWith('thinking.'),
        );
        const isTaken = model.thinkingTypes.includes(thinking.type);
        const isTooMuch = thinking.type === 'enabled' && most !== undefined && thinking.budget_tokens >= most;
        assert.ok(!isTaken || isTooMuch, `${model.id} takes ${JSON.stringify(thinking)}`);
      }
    }),
  );
});

test('a level of OpenAI’s is never refused, leaves room for the answer, and is named where it cannot be told', () => {
  fc.assert(
    fc.property(anyModel, maxTokens, level, (model, most, asked) => {
      const wish = { level: asked, display: 'summarized', field: 'reasoning_effort' } as const;
      const request = { thinking: wish, effort: asked, ...(most === undefined ? {} : { maxTokens: most }) };
      const { thinking, effort, ignored } = planThinking(request, { id: model.id, model });
      if (thinking !== undefined) assert.ok(model.thinkingTypes.includes(thinking.type));
      if (thinking?.type === 'enabled') {
        assert.ok(thinking.budget_tokens >= 1024);
        if (most !== undefined) assert.ok(most - thinking.budget_tokens >= 1024);
      }
      if (effort !== undefined) assert.ok(model.effort.includes(effort));
      if (asked === 'none') {
        const isOff =
          thinking?.type === 'disabled' || thinking?.type === 'between_tools' || model.thinking === 'optional';
        assert.ok(isOff || ignored.includes('reasoning_effort'), model.id);
      } else assert.ok(thinking !== undefined || ignored.includes('reasoning_effort'), model.id);
    }),
  );
});

test('every model says where its word on thinking comes from', () => {
  const file = JSON.parse(readFileSync(new URL('../../models.json', import.meta.url), 'utf8')) as {
    models: { id: string; thinkingSource: string; thinking: string; thinkingTypes: string[] }[];
  };
  for (const { id, thinkingSource, thinking, thinkingTypes } of file.models) {
    assert.match(thinkingSource, /^https:\/\/platform\.claude\.com\//u, id);
    assert.equal(thinking === 'off', thinkingTypes.length === 0, id);
    if (thinking === 'always') assert.ok(!thinkingTypes.includes('disabled'), id);
  }
});

test('models of before, which no list has, get a budget; unknown ones of later get what was asked', () => {
  const wish = { level: 'low', display: 'summarized', field: 'reasoning_effort' } as const;
  for (const id of [
    'claude-sonnet-4-5',
    'claude-sonnet-4-5-20250929',
    'claude-opus-4-1',
    'claude-3-7-sonnet-20250219',
  ]) {
    const { thinking } = planThinking({ thinking: wish, effort: 'low' }, { id, model: undefined });
    assert.equal(thinking?.type, 'enabled', id);
  }
  for (const id of ['claude-opus-6', 'claude-sonnet-4-9']) {
    const { thinking } = planThinking({ thinking: wish, effort: 'low' }, { id, model: undefined });
    assert.equal(thinking?.type, 'adaptive', id);
  }
});
