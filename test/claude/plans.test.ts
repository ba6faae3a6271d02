import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Plan } from '../../src/claude/plan.ts';
import { Plans } from '../../src/claude/plans.ts';
import { OcpError } from '../../src/wire/errors.ts';

const START = Date.UTC(2026, 10, 22, 12);
const HOUR = 3600;
const seconds = START / 1000;
const MINUTE_MS = 60_000;

interface Kept {
  readonly plans: Plans;
  readonly kept: Map<string, Plan>;
  now: number;
}

function plansAt(now: number, kept = new Map<string, Plan>()): Kept {
  const keeper = { read: () => kept, write: (profile: string, plan: Plan) => void kept.set(profile, plan) };
  let time = now;
  return {
    plans: new Plans({ keeper, now: () => time }),
    kept,
    get now() {
      return time;
    },
    set now(ms: number) {
      time = ms;
    },
  };
}

function isRefused({ plans }: Kept, profile: string, model: string): boolean {
  try {
    plans.require(profile, model);
    return false;
  } catch (error) {
    assert.ok(error instanceof OcpError && error.code === 'plan_limit_reached');
    return true;
  }
}

const rejected = { status: 'rejected', resetsAt: seconds + 5 * HOUR };

suite('plans', () => {
  test('are what the CLI said last, window by window', () => {
    const { plans } = plansAt(START);
    const told = {
      status: 'allowed',
      resetsAt: seconds + HOUR,
      rateLimitType: 'five_hour',
      unifiedWindows: { five_hour: { utilization: 0.21, resetsAt: seconds + HOUR }, seven_day: null },
    };
    plans.onEvent('default', told);
    plans.onUsage('default', {
      subscription_type: 'max',
      rate_limits_available: true,
      rate_limits: {
        seven_day: { utilization: 45, resets_at: '2026-11-25T00:00:00Z' },
        seven_day_opus: null,
        model_scoped: [],
        extra_usage: { is_enabled: false, monthly_limit: null },
      },
    });
    assert.deepEqual(plans.of('default'), {
      heardAt: START,
      status: 'allowed',
      claim: 'five_hour',
      windows: {
        five_hour: { utilization: 0.21, resetsAt: seconds + HOUR },
        seven_day: { utilization: 0.45, resetsAt: Date.UTC(2026, 10, 25) / 1000 },
      },
      subscription: 'max',
      extra: { status: 'rejected', disabledReason: null },
      exhausted: {},
    });
  });

  test('a login without a plan, or an answer that cannot be read, changes nothing', () => {
    const { plans } = plansAt(START);
    for (const answer of [{}, undefined, { rate_limits_available: false, rate_limits: null }]) {
      assert.equal(plans.onUsage('default', answer), false);
    }
    plans.onEvent('default', { status: 7 } as never);
    assert.equal(plans.of('default'), undefined);
  });

  test('an exhausted window refuses its login only, until it resets, also after a restart', () => {
    const first = plansAt(START);
    first.plans.onEvent('anna', { ...rejected, rateLimitType: 'five_hour' });
    for (const state of [first, plansAt(START + MINUTE_MS, first.kept)]) {
      assert.equal(isRefused(state, 'anna', 'claude-sonnet-5-5'), true);
      assert.equal(isRefused(state, 'default', 'claude-sonnet-5-5'), false);
    }
    const later = plansAt(START + 5 * HOUR * 1000, first.kept);
    assert.equal(isRefused(later, 'anna', 'claude-sonnet-5-5'), false);
  });

  test("one model's window refuses that model, whatever is said of the others", () => {
    const state = plansAt(START);
    state.plans.onEvent('default', { ...rejected, rateLimitType: 'seven_day_opus' });
    state.plans.onEvent('default', { status: 'allowed', rateLimitType: 'five_hour' });
    assert.equal(isRefused(state, 'default', 'claude-sonnet-5-5'), false);
    assert.equal(isRefused(state, 'default', 'claude-opus-5-5'), true);
    state.plans.onEvent('default', { status: 'allowed', rateLimitType: 'seven_day_opus' });
    assert.equal(isRefused(state, 'default', 'claude-opus-5-5'), false);
  });

  test('a plan whose extra usage pays on, or of which the end is not known, refuses nothing', () => {
    const state = plansAt(START);
    const covered = { ...rejected, overageStatus: 'allowed', isUsingOverage: true };
    state.plans.onEvent('default', covered);
    state.plans.onEvent('default', { status: 'rejected' });
    assert.equal(isRefused(state, 'default', 'claude-sonnet-5-5'), false);
  });

  test('every ten minutes one request finds out whether it still holds', () => {
    const state = plansAt(START);
    const hear = (status: string): void => state.plans.onEvent('default', { ...rejected, status });
    hear('rejected');
    state.now += 10 * MINUTE_MS;
    const tries = [0, 0, 0].map(() => isRefused(state, 'default', 'claude-sonnet-5-5'));
    assert.deepEqual(tries, [false, true, true]);
    hear('rejected');
    state.now += 9 * MINUTE_MS;
    assert.equal(isRefused(state, 'default', 'claude-sonnet-5-5'), true);
    hear('allowed');
    assert.equal(isRefused(state, 'default', 'claude-sonnet-5-5'), false);
  });
});
