import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callIdOf, toolUseIdOf } from '../../src/wire/call-id.ts';

test('an id goes out in letters and digits only and comes back as it was', () => {
  for (const id of ['toolu_01AbCdEf', 'toolu_bdrk_01AbC', 'toolu_vrtx_01AbC']) {
    assert.match(callIdOf(id), /^call[A-Za-z0-9]+$/);
    assert.equal(toolUseIdOf(callIdOf(id)), id);
  }
});

test('a foreign id is kept as far as Anthropic takes it', () => {
  assert.equal(toolUseIdOf('call_bku6-x'), 'call_bku6-x');
  assert.equal(toolUseIdOf('fc:1|ü'), 'fc_1__');
  assert.equal(toolUseIdOf(''), 'call');
});
