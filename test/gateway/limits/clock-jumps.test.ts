import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Limits } from '../../../src/gateway/limits/limits.ts';
import type { Amounts } from '../../../src/gateway/limits/amounts.ts';
import type { KeyLimits } from '../../../src/store/key-record.ts';
import { noLimits } from '../../../src/store/key-record.ts';
import { OcpError } from '../../../src/wire/errors.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Noon, UTC. */
const START = Date.UTC(2026, 10, 21, 12);
const one: Amounts = { requests: 1, tokens: 0, usd: 0 };
const owner = 'key:1';

/** Limits on a machine whose wall clock can be set. */
class Machine {
  steady = 500;
  #ahead = START - 500;
  readonly limits = new Limits(
    () => this.steady + this.#ahead,
    () => this.steady,
  );

  /** Time goes by. */
  pass(ms: number): void {
    this.steady += ms;
  }

  /** Somebody sets the clock. */
  jump(ms: number): void {
    this.#ahead += ms;
  }

  use(limits: KeyLimits = noLimits): void {
    this.limits.enter(owner, limits, one).settle(one);
  }

  get daily(): number {
    return this.limits.used(owner).daily.requests;
  }

  get monthly(): number {
    return this.limits.used(owner).monthly.requests;
  }
}

function waitOf(work: () => void): number {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof OcpError);
    return error.retryAfterSeconds ?? 0;
  }
  return 0;
}

test('a rate waits a minute at most, wherever the clock is set', () => {
  const rated: KeyLimits = { ...noLimits, requestsPerMinute: 10 };
  for (const jump of [-2 * HOUR, -400 * DAY, 2 * HOUR, 400 * DAY]) {
    const machine = new Machine();
    for (let count = 0; count < 10; count += 1) machine.use(rated);
    machine.jump(jump);
    assert.ok(waitOf(() => machine.use(rated)) <= 60, String(jump));
    machine.pass(61 * SECOND);
    assert.equal(
      waitOf(() => machine.use(rated)),
      0,
      String(jump),
    );
  }
});

test('a clock that is a month ahead for a moment neither keeps a quota used nor drops the usage of the day', () => {
  for (const jump of [30 * DAY, 400 * DAY, 40 * HOUR]) {
    const machine = new Machine();
    machine.use();
    machine.jump(jump);
    machine.use();
    machine.pass(SECOND);
    machine.jump(-jump);
    assert.equal(machine.daily, 2, `${jump}: both were today`);
    machine.use();
    assert.equal(machine.daily, 3);
    machine.pass(DAY);
    assert.equal(machine.daily, 0, 'the next day is a new one');
    assert.equal(machine.monthly, 3);
    machine.pass(31 * DAY);
    assert.equal(machine.monthly, 0);
  }
});

test('a clock that is a month behind for a moment loses nothing, then or later', () => {
  for (const jump of [-30 * DAY, -2 * HOUR, -13 * HOUR]) {
    const machine = new Machine();
    machine.use();
    machine.pass(60 * SECOND);
    machine.jump(jump);
    machine.use();
    assert.equal(machine.daily, 2, `${jump}: while it is behind`);
    machine.jump(-jump);
    assert.equal(machine.daily, 2, `${jump}: when it is right again`);
    machine.pass(DAY);
    assert.equal(machine.daily, 0);
  }
});

test('whatever the clock does for a while, the windows are right afterwards', () => {
  const step = fc.oneof(
    fc.record({ use: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ jump: fc.integer({ min: -60 * DAY, max: 60 * DAY }) }),
    fc.record({ passSeconds: fc.integer({ min: 1, max: 20 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const machine = new Machine();
      machine.use();
      let used = 1;
      let jumped = 0;
      for (const each of steps) {
        if ('jump' in each) {
          machine.jump(each.jump);
          jumped += each.jump;
          machine.limits.used(owner);
          // It is set right again before long.
          machine.use();
          used += 1;
          machine.jump(-jumped);
          jumped = 0;
        } else if ('use' in each) {
          for (let count = 0; count < each.use; count += 1) machine.use();
          used += each.use;
        } else machine.pass(each.passSeconds * SECOND);
      }
      assert.equal(machine.daily, used);
      assert.equal(machine.monthly, used);
      machine.pass(DAY);
      assert.deepEqual([machine.daily, machine.monthly], [0, used]);
    }),
  );
});

test('what was used before a start counts where the clock was a little ahead then, and not where it was far ahead', () => {
  const machine = new Machine();
  machine.limits.seed(owner, one, START - HOUR);
  machine.limits.seed(owner, one, START + 3 * HOUR);
  machine.limits.seed(owner, one, START + 30 * DAY);
  assert.equal(machine.daily, 2);
});
