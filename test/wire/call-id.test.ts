import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { CallIds, callIdForCli, callIdOf, toolUseIdOf } from '../../src/wire/call-id.ts';

test('an id goes out in letters and digits only and comes back as it was', () => {
  for (const id of ['toolu_01AbCdEf', 'toolu_bdrk_01AbC', 'toolu_vrtx_01AbC']) {
    assert.match(callIdOf(id), /^call[A-Za-z0-9]+$/);
    assert.equal(toolUseIdOf(callIdOf(id)), id);
  }
});

test('a foreign id stays as it is', () => {
  for (const id of ['call_bku6-x', 'fc:1|ü', '', 'a_1']) assert.equal(toolUseIdOf(id), id);
});

/** Ids that are drawn to be taken for one another. */
const part = fc.constantFrom('a', 'A', 'call', 'toolu', 'x.y', 'x:y', '', 'ü', 'a'.repeat(70), 'toolu_ocp');
const id = fc
  .tuple(part, fc.array(fc.constantFrom('_0', '_1', '_2', '_12', '-1', '0'), { maxLength: 3 }))
  .map(([start, ends]) => start + ends.join(''));

test('no two calls have ids that the CLI would confuse, and what comes later changes none', () => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 30 }), fc.nat(30), (wanted, cut) => {
      const ids = new CallIds();
      const given = wanted.map((one) => ids.next(one));
      for (const one of given) assert.match(one, /^[A-Za-z0-9_-]{1,64}$/);
      const all = new Set(given);
      assert.equal(all.size, given.length);
      // What the CLI does: it takes the digits off and looks for what is left (alignment/contract/altered-ids.test.ts).
      for (const one of given) assert.ok(!/_\d+$/.test(one) || !all.has(one.replace(/_\d+$/, '')), one);
      const again = new CallIds();
      assert.deepEqual(
        wanted.slice(0, cut).map((one) => again.next(one)),
        given.slice(0, cut),
      );
    }),
  );
});

test('an id of OCP’s own making that a client sends is not taken for one', () => {
  const made = callIdForCli('a.b');
  assert.match(made, /^toolu_ocp/);
  assert.notEqual(callIdForCli(made), made);
});
