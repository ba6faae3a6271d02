import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import type { Amounts, Metric } from '../../../src/gateway/limits/amounts.ts';
import { metrics, nothing } from '../../../src/gateway/limits/amounts.ts';
import type { Reservation } from '../../../src/gateway/limits/limits.ts';
import { Limits } from '../../../src/gateway/limits/limits.ts';
import type { QuotaWindow } from '../../../src/gateway/limits/types.ts';
import { quotaWindows } from '../../../src/gateway/limits/types.ts';
import type { KeyLimits } from '../../../src/store/key-record.ts';
import { noLimits } from '../../../src/store/key-record.ts';
import { OcpError } from '../../../src/wire/errors.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Saturday, 17:48 UTC. */
const START = Date.UTC(2026, 10, 21, 17, 48);
const one: Amounts = { requests: 1, tokens: 0, usd: 0 };

/** Limits with a clock that the test moves. */
function clocked(): { readonly limits: Limits; now: number } {
  let now = START;
  return {
    limits: new Limits(() => now),
    get now() {
      return now;
    },
    set now(ms: number) {
      now = ms;
    },
  };
}

function refusal(work: () => unknown): OcpError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof OcpError);
    return error;
  }
  throw new Error('nothing was refused');
}

function requestsOf(windows: Partial<KeyLimits['requests']>): KeyLimits {
  return { ...noLimits, requests: { ...noLimits.requests, ...windows } };
}

suite('a refusal', () => {
  test('names the quota as the README shows it, and when it resets', () => {
    const clock = clocked();
    const limits = requestsOf({ daily: 50 });
    for (let count = 0; count < 50; count += 1) clock.limits.enter('key:1', limits, one).settle(one);
    const error = refusal(() => clock.limits.enter('key:1', limits, one));
    assert.equal(error.code, 'quota_exceeded');
    assert.equal(error.message, 'Quota exceeded: 50/50 requests (daily). Resets 6h 12m.');
    assert.deepEqual(error.extra, { quota: { period: 'daily', limit: 50, used: 50, resetsIn: '6h 12m' } });
    assert.equal(error.retryAfterSeconds, (6 * HOUR + 12 * MINUTE) / SECOND);
    assert.ok(clock.limits.enter('key:2', limits, one), 'other keys have their own');
  });

  test('of a rolling window tells how long it rolls, and when enough has left it', () => {
    const clock = clocked();
    const limits = requestsOf({ daily: null, weekly: 2, monthly: 100 });
    clock.limits.enter('key:1', limits, one).settle(one);
    clock.now += 3 * DAY;
    clock.limits.enter('key:1', limits, one).settle(one);
    const error = refusal(() => clock.limits.enter('key:1', limits, one));
    assert.equal(error.message, 'Quota exceeded: 2/2 requests (weekly). Resets rolling 7-day window.');
    clock.now += (error.retryAfterSeconds ?? 0) * SECOND - 1;
    refusal(() => clock.limits.enter('key:1', limits, one));
    clock.now += 1;
    clock.limits.enter('key:1', limits, one);
  });

  test('of a budget says what the request may need, and that running ones may give back', () => {
    const clock = clocked();
    const limits: KeyLimits = { ...noLimits, tokens: { ...noLimits.tokens, daily: 1000 } };
    const need = { requests: 1, tokens: 600, usd: 0 };
    const running = clock.limits.enter('key:1', limits, need);
    const error = refusal(() => clock.limits.enter('key:1', limits, need));
    assert.match(error.message, /^Quota exceeded: 600\/1000 tokens \(daily\)\. This request may need 600\./u);
    assert.ok((error.retryAfterSeconds ?? 0) <= 10);
    running.settle({ requests: 1, tokens: 100, usd: 0 });
    clock.limits.enter('key:1', limits, need);
  });
});

test('a quota of 0 blocks, and one that failed does not count', () => {
  const { limits } = clocked();
  assert.equal(refusal(() => limits.enter('a', requestsOf({ daily: 0 }), one)).code, 'quota_exceeded');
  const tight = requestsOf({ daily: 1 });
  limits.enter('b', tight, one).settle(nothing);
  const reservation = limits.enter('b', tight, one);
  refusal(() => limits.enter('b', tight, one));
  reservation.settle(one);
  reservation.settle(one);
  assert.equal(limits.used('b').daily.requests, 1);
});

test('a day is a day of UTC', () => {
  const clock = clocked();
  const limits = requestsOf({ daily: 1 });
  clock.limits.enter('a', limits, one).settle(one);
  clock.now = Date.UTC(2026, 10, 22) - 1;
  refusal(() => clock.limits.enter('a', limits, one));
  clock.now += 1;
  clock.limits.enter('a', limits, one).settle(one);
});

test('concurrent turns are counted while they run', () => {
  const { limits } = clocked();
  const two: KeyLimits = { ...noLimits, concurrentTurns: 2 };
  const first = limits.enter('a', two, one);
  limits.enter('a', two, one);
  const error = refusal(() => limits.enter('a', two, one));
  assert.deepEqual([error.code, error.retryAfterSeconds], ['rate_limit_exceeded', 1]);
  first.settle(nothing);
  limits.enter('a', two, one);
});

type Step =
  | { readonly kind: 'enter'; readonly need: Amounts }
  | { readonly kind: 'settle'; readonly pick: number; readonly share: number; readonly ok: boolean }
  | { readonly kind: 'wait'; readonly ms: number };

const maybe = (most: number): fc.Arbitrary<number | null> => fc.option(fc.nat(most), { freq: 2 });
const windows = (most: number): fc.Arbitrary<KeyLimits['requests']> =>
  fc.record({ daily: maybe(most), weekly: maybe(2 * most), monthly: maybe(3 * most) });
const keyLimits: fc.Arbitrary<KeyLimits> = fc.record({
  requests: windows(6),
  tokens: windows(400),
  usd: windows(40),
  requestsPerMinute: maybe(5),
  concurrentTurns: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 2 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('enter' as const), need: needs() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      pick: fc.nat(100),
      share: fc.nat(4),
      ok: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.oneof(fc.nat(90 * SECOND), fc.nat(3 * HOUR), fc.nat(9 * DAY)),
    }),
  },
);

/** Whole numbers, so that the sums of model and limits cannot differ by rounding. */
function needs(): fc.Arbitrary<Amounts> {
  return fc.record({ requests: fc.constant(1), tokens: fc.nat(120), usd: fc.nat(10) });
}

interface Event {
  readonly at: number;
  readonly used: Amounts;
}

/** Whether what was used at a time is still in a window: by the hour, so never less than what its name says. */
function isWithin(window: QuotaWindow, at: number, now: number): boolean {
  if (window === 'daily') return Math.floor(at / DAY) === Math.floor(now / DAY);
  const hours = (window === 'weekly' ? 7 : 30) * 24;
  return Math.floor(now / HOUR) - Math.floor(at / HOUR) <= hours;
}

/** The limits as a list of all that ever happened. */
class Model {
  readonly events: Event[] = [];
  readonly entries: number[] = [];
  readonly running = new Map<Reservation, Amounts>();

  sum(window: QuotaWindow, metric: Metric, now: number): number {
    return this.events.reduce((sum, { at, used }) => (isWithin(window, at, now) ? sum + used[metric] : sum), 0);
  }

  reserved(metric: Metric): number {
    return [...this.running.values()].reduce((sum, need) => sum + need[metric], 0);
  }

  expected(limits: KeyLimits, need: Amounts, now: number): 'in' | 'quota_exceeded' | 'rate_limit_exceeded' {
    for (const metric of metrics) {
      for (const window of quotaWindows) {
        const limit = limits[metric][window];
        const sum = this.sum(window, metric, now) + this.reserved(metric) + need[metric];
        if (limit !== null && sum > limit) return 'quota_exceeded';
      }
    }
    if (limits.concurrentTurns !== null && this.running.size >= limits.concurrentTurns) return 'rate_limit_exceeded';
    const recent = this.entries.filter((at) => at > now - MINUTE).length;
    if (limits.requestsPerMinute !== null && recent >= limits.requestsPerMinute) return 'rate_limit_exceeded';
    return 'in';
  }
}

test('every decision is that of a list of all that ever happened', () => {
  fc.assert(
    fc.property(keyLimits, fc.array(step, { maxLength: 80 }), (limits, steps) => {
      const clock = clocked();
      const model = new Model();
      for (const step of steps) {
        if (step.kind === 'wait') {
          clock.now += step.ms;
        } else if (step.kind === 'enter') {
          const expected = model.expected(limits, step.need, clock.now);
          if (expected === 'in') {
            model.running.set(clock.limits.enter('a', limits, step.need), step.need);
            model.entries.push(clock.now);
          } else {
            const error = refusal(() => clock.limits.enter('a', limits, step.need));
            assert.equal(error.code, expected);
            assert.ok((error.retryAfterSeconds ?? 0) >= 1);
          }
        } else {
          const [reservation, need] = [...model.running][step.pick % Math.max(1, model.running.size)] ?? [];
          if (reservation === undefined || need === undefined) continue;
          const part = (amount: number): number => Math.floor((amount * step.share) / 3);
          const used = { requests: step.ok ? 1 : 0, tokens: part(need.tokens), usd: part(need.usd) };
          reservation.settle(used);
          model.running.delete(reservation);
          model.events.push({ at: clock.now, used });
        }
        for (const window of quotaWindows) {
          for (const metric of metrics) {
            assert.equal(clock.limits.used('a')[window][metric], model.sum(window, metric, clock.now));
          }
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('no burst goes over a limit, whatever its requests turn out to need', () => {
  fc.assert(
    fc.property(keyLimits, fc.array(needs(), { maxLength: 60 }), fc.nat(3), (limits, burst, share) => {
      const { limits: counted } = clocked();
      const running: (readonly [Reservation, Amounts])[] = [];
      for (const need of burst) {
        try {
          running.push([counted.enter('a', limits, need), need]);
        } catch (error) {
          assert.ok(error instanceof OcpError);
        }
      }
      for (const [reservation, need] of running) {
        const part = (amount: number): number => Math.floor((amount * share) / 3);
        reservation.settle({ requests: 1, tokens: part(need.tokens), usd: part(need.usd) });
      }
      for (const window of quotaWindows) {
        for (const metric of metrics) {
          assert.ok(counted.used('a')[window][metric] <= (limits[metric][window] ?? Number.POSITIVE_INFINITY));
        }
      }
    }),
  );
});

test('after the time that a refusal names, the request goes through', () => {
  fc.assert(
    fc.property(keyLimits, fc.array(fc.nat(2 * DAY), { maxLength: 40 }), (limits, pauses) => {
      const clock = clocked();
      const withoutBudgets = { ...noLimits, requests: atLeastOne(limits.requests), requestsPerMinute: 2 };
      for (const pause of pauses) {
        clock.now += pause;
        // Several limits can be in the way, one behind the other.
        for (let tries = 0; ; tries += 1) {
          const error = refusalOf(clock.limits, withoutBudgets);
          if (error === undefined) break;
          assert.ok(tries < 5, 'the time named is never enough');
          clock.now += (error.retryAfterSeconds ?? 0) * SECOND;
        }
      }
    }),
    { numRuns: 200 },
  );
});

/** Sends a request that succeeds; gives back the error when it is refused. */
function refusalOf(limits: Limits, of: KeyLimits): OcpError | undefined {
  try {
    limits.enter('a', of, one).settle(one);
    return undefined;
  } catch (error) {
    return error as OcpError;
  }
}

function atLeastOne(windows: KeyLimits['requests']): KeyLimits['requests'] {
  const raised = (limit: number | null): number | null => (limit === null ? null : Math.max(1, limit));
  return { daily: raised(windows.daily), weekly: raised(windows.weekly), monthly: raised(windows.monthly) };
}
