import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { LoginThrottle, usualThrottle } from '../../src/http/login-throttle.ts';
import type { ThrottleRules } from '../../src/http/login-throttle.ts';
import { keyDigest } from '../../src/store/key-text.ts';
import { OcpError } from '../../src/wire/errors.ts';

const never = new AbortController().signal;
const here = '192.0.2.1';
const secret = keyDigest('what somebody chose');

/** A throttle that notes how long it would wait. */
function noting(rules: Partial<ThrottleRules> = {}): {
  throttle: LoginThrottle;
  clock: { now: number };
  /** Tries keys one after the other: the delays of their answers, or when to come again. */
  tryKeys: (place: string, ...keys: readonly string[]) => Promise<(number | string)[]>;
} {
  const clock = { now: 0 };
  const waits: number[] = [];
  const known = new Set<string>();
  const throttle = new LoginThrottle({
    ...usualThrottle,
    ...rules,
    known,
    now: () => clock.now,
    wait: async (ms) => {
      waits.push(ms);
      await Promise.resolve();
    },
  });
  const tryKeys = async (place: string, ...keys: readonly string[]): Promise<(number | string)[]> => {
    const seen: (number | string)[] = [];
    for (const key of keys) {
      waits.length = 0;
      try {
        await throttle.holdBack(throttle.tried(place, [keyDigest(key)]), never);
        seen.push(waits[0] ?? 0);
      } catch (error) {
        assert.ok(error instanceof OcpError && error.code === 'rate_limit_exceeded');
        seen.push(`retry after ${error.retryAfterSeconds}`);
      }
    }
    return seen;
  };
  return { throttle, clock, tryKeys };
}

const different = (count: number, prefix = 'key'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index}`);

suite('wrong keys', () => {
  test('that differ wait longer and longer, and are refused when there were too many', async () => {
    const { tryKeys } = noting({ free: 2, most: 8 });
    assert.deepEqual(await tryKeys(here, ...different(10)), [
      0,
      0,
      250,
      500,
      1000,
      2000,
      4000,
      5000,
      'retry after 30',
      'retry after 30',
    ]);
  });

  test('that are one and the same cost only themselves, however often they come', async () => {
    const { tryKeys, throttle } = noting({ free: 2, most: 8 });
    const stale = Array.from({ length: 100 }, () => 'stale');
    const seen = await tryKeys(here, ...stale);
    assert.deepEqual(seen.slice(0, 6), [0, 0, 250, 500, 1000, 2000]);
    assert.ok(seen.every((wait) => typeof wait === 'number' && wait <= 5000));
    assert.ok(throttle.mayTry(here, secret));
    assert.deepEqual(await tryKeys(here, 'mistyped'), [0], 'another tool pays nothing for it');
  });

  test('are forgotten one by one', async () => {
    const { tryKeys, clock, throttle } = noting({ free: 2, most: 4 });
    await tryKeys(here, ...different(20));
    assert.ok(!throttle.mayTry(here, secret));
    clock.now += 30_000;
    assert.ok(throttle.mayTry(here, secret));
    assert.deepEqual(await tryKeys(here, 'a'), ['retry after 30']);
    clock.now += 60_000;
    assert.deepEqual(await tryKeys(here, 'b', 'c'), [500, 'retry after 30']);
    clock.now += 3_600_000;
    assert.deepEqual(await tryKeys(here, 'd', 'e', 'f'), [0, 0, 250]);
  });

  test('keep secrets that people chose from being compared, but not where they were right before', async () => {
    const { tryKeys, throttle } = noting({ free: 2, most: 4 });
    throttle.succeeded(here, secret);
    await tryKeys(here, ...different(20));
    await tryKeys('192.0.2.2', ...different(20));
    assert.ok(throttle.mayTry(here, secret));
    assert.ok(!throttle.mayTry(here, keyDigest('another secret')), 'for each secret by itself');
    assert.ok(!throttle.mayTry('192.0.2.2', secret));
    assert.ok(throttle.mayTry('192.0.2.3', secret));
  });

  test('from very many places are too many together', async () => {
    const { tryKeys, throttle, clock } = noting({ mostOfAll: 100 });
    throttle.succeeded(here, secret);
    for (let place = 0; place < 200; place += 1) await tryKeys(`198.51.100.${place}`, 'one stale key of all');
    assert.ok(throttle.mayTry('203.0.113.1', secret));
    for (let place = 0; place < 200; place += 1) await tryKeys(`198.51.100.${place}`, `guess ${place}`);
    assert.ok(!throttle.mayTry('203.0.113.1', secret));
    assert.ok(throttle.mayTry(here, secret));
    clock.now += 10 * usualThrottle.forgetOneOfAllInMs;
    assert.ok(throttle.mayTry('203.0.113.1', secret));
  });

  test('that were not even compared are not taken for known ones later', async () => {
    const { tryKeys, throttle, clock } = noting({ free: 100, most: 4 });
    await tryKeys(here, ...different(20));
    clock.now += 4 * usualThrottle.forgetOneInMs;
    await tryKeys(here, ...different(20).slice(10));
    assert.ok(!throttle.mayTry(here, secret));
  });

  test('cost a bounded memory, whoever comes with whatever', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(300), fc.nat(3000)), { maxLength: 500 }), async (tries) => {
        const { throttle } = noting({ places: 50 });
        for (const [place, key] of tries) throttle.tried(`198.51.100.${place}`, [keyDigest(`key ${key}`)]);
        assert.ok(throttle.size <= 50);
      }),
      { numRuns: 20 },
    );
  });

  test('hold back only so many answers at the same time, for each place and together', async () => {
    const gone = new AbortController();
    const throttle = new LoginThrottle({
      ...usualThrottle,
      free: 0,
      waiting: 3,
      waitingOfPlace: 2,
      known: new Set(),
      now: () => 0,
    });
    const hold = async (place: string, key: string, signal = gone.signal): Promise<void> =>
      throttle.holdBack(throttle.tried(place, [keyDigest(key)]), signal);
    const held = [hold('a', '1'), hold('a', '2')];
    await assert.rejects(hold('a', '3'), OcpError);
    held.push(hold('b', '4'));
    await assert.rejects(hold('c', '5'), OcpError);
    gone.abort();
    await Promise.all(held);
    await hold('d', '6', AbortSignal.abort());
  });
});
