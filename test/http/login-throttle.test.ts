import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LoginThrottle, usualThrottle } from '../../src/http/login-throttle.ts';
import type { ThrottleRules } from '../../src/http/login-throttle.ts';
import { OcpError } from '../../src/wire/errors.ts';

const never = new AbortController().signal;

/** A throttle that notes how long it would wait. */
function noting(rules: Partial<ThrottleRules> = {}): {
  throttle: LoginThrottle;
  clock: { now: number };
  fail: (address?: string, times?: number) => Promise<(number | string)[]>;
} {
  const clock = { now: 0 };
  const waits: number[] = [];
  const throttle = new LoginThrottle({
    ...usualThrottle,
    ...rules,
    now: () => clock.now,
    wait: async (ms) => {
      waits.push(ms);
      await Promise.resolve();
    },
  });
  const fail = async (address = '192.0.2.1', times = 1): Promise<(number | string)[]> => {
    const seen: (number | string)[] = [];
    for (let count = 0; count < times; count += 1) {
      waits.length = 0;
      try {
        await throttle.failed(address, never);
        seen.push(waits[0] ?? 0);
      } catch (error) {
        assert.ok(error instanceof OcpError && error.code === 'rate_limit_exceeded');
        seen.push(`retry after ${error.retryAfterSeconds}`);
      }
    }
    return seen;
  };
  return { throttle, clock, fail };
}

suite('failed logins', () => {
  test('wait longer and longer, and are refused when there were too many', async () => {
    const { fail } = noting({ free: 2, most: 8 });
    assert.deepEqual(await fail(undefined, 10), [
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

  test('are forgotten one by one', async () => {
    const { fail, clock } = noting({ free: 2, most: 4 });
    await fail(undefined, 20);
    clock.now += 30_000;
    assert.deepEqual(await fail(undefined, 2), ['retry after 30', 'retry after 30']);
    clock.now += 60_000;
    assert.deepEqual(await fail(undefined, 2), [500, 'retry after 30']);
    clock.now += 3_600_000;
    assert.deepEqual(await fail(undefined, 3), [0, 0, 250]);
  });

  test('are counted by address, an IPv6 network as one', async () => {
    const { fail } = noting({ free: 1, most: 100 });
    assert.deepEqual(await fail('192.0.2.1', 2), [0, 250]);
    assert.deepEqual(await fail('192.0.2.2'), [0]);
    assert.deepEqual(await fail('::ffff:192.0.2.1'), [500]);
    assert.deepEqual(await fail('2001:db8:1:2::1'), [0]);
    assert.deepEqual(await fail('2001:db8:1:2:3:4:5:6'), [250]);
    assert.deepEqual(await fail('2001:db8:1:3::1'), [0]);
    assert.deepEqual(await fail('fe80::1%eth0'), [0]);
    assert.deepEqual(await fail('::1'), [0]);
  });

  test('cost a bounded memory, whoever comes', async () => {
    const { fail, throttle } = noting({ addresses: 100, free: 1 });
    await fail('192.0.2.1', 3);
    for (let count = 0; count < 99; count += 1) await fail(`198.51.100.${count}`);
    assert.deepEqual(await fail('192.0.2.1'), [1000], 'still known');
    for (let count = 0; count < 200; count += 1) await fail(`203.0.113.${count}`);
    assert.equal(throttle.size, 100);
    assert.deepEqual(await fail('192.0.2.1'), [0], 'forgotten');
  });

  test('hold back only so many answers at the same time', async () => {
    const throttle = new LoginThrottle({ ...usualThrottle, free: 0, waiting: 3, now: () => 0 });
    const gone = new AbortController();
    const held = ['a', 'b', 'c'].map(async (address) => throttle.failed(address, gone.signal));
    await assert.rejects(throttle.failed('d', never), OcpError);
    gone.abort();
    await Promise.all(held);
    await throttle.failed('e', AbortSignal.abort());
  });
});
