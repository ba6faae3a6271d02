import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../../src/claude/plan.ts';
import { unknownPlan } from '../../src/claude/plan.ts';
import { exposedHeaders } from '../../src/http/gate.ts';
import { planHeaders } from '../../src/http/plan-headers.ts';

const plan: Plan = {
  ...unknownPlan,
  heardAt: 1_000,
  status: 'allowed_warning',
  claim: 'five_hour',
  windows: {
    five_hour: { utilization: 0.8, resetsAt: 200 },
    seven_day: { utilization: 0.25, resetsAt: 9_000 },
    seven_day_opus: { utilization: null, resetsAt: null },
  },
};

test('a plan is told as the CLI told it, by the names that Claude Code reads', () => {
  assert.deepEqual(planHeaders(plan, 100_000), {
    'anthropic-ratelimit-unified-status': 'allowed_warning',
    'anthropic-ratelimit-unified-representative-claim': 'five_hour',
    'anthropic-ratelimit-unified-reset': '200',
    'anthropic-ratelimit-unified-5h-utilization': '0.8',
    'anthropic-ratelimit-unified-5h-reset': '200',
    'anthropic-ratelimit-unified-5h-status': 'allowed_warning',
    'anthropic-ratelimit-unified-7d-utilization': '0.25',
    'anthropic-ratelimit-unified-7d-reset': '9000',
  });
  for (const name of Object.keys(planHeaders(plan, 0))) assert.ok(exposedHeaders.includes(name), name);
});

test('nothing is told of a plan that nobody spoke of, nor of a window that has been reset since', () => {
  assert.deepEqual(planHeaders(undefined, 0), {});
  assert.deepEqual(planHeaders(unknownPlan, 0), {});
  const names = Object.keys(planHeaders(plan, 300_000));
  assert.ok(!names.some((name) => name.includes('-5h-')), names.join(' '));
});
