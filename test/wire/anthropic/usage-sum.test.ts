import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { addUsage } from '../../../src/wire/anthropic/usage-sum.ts';

const count = fc.option(fc.nat(1_000_000), { nil: undefined });
const usage = fc.record({
  input_tokens: fc.nat(1_000_000),
  output_tokens: fc.nat(1_000_000),
  cache_creation_input_tokens: count,
  cache_read_input_tokens: count,
  cache_creation: fc.option(fc.record({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }), {
    nil: undefined,
  }),
  output_tokens_details: fc.option(fc.record({ thinking_tokens: count }), { nil: undefined }),
  server_tool_use: fc.option(fc.record({ web_search_requests: fc.nat(9) }), { nil: undefined }),
});

/** All counts of a usage by their paths. */
function counts(value: unknown, at = ''): [string, number][] {
  if (typeof value === 'number') return [[at, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => counts(member, `${at}.${name}`));
}

test('a sum keeps every member of every usage', () => {
  fc.assert(
    fc.property(fc.array(usage, { minLength: 1, maxLength: 5 }), (all) => {
      const expected = new Map<string, number>();
      for (const [path, number] of all.flatMap((one) => counts(one))) {
        expected.set(path, (expected.get(path) ?? 0) + number);
      }
      const none = { input_tokens: 0, output_tokens: 0 };
      const sum = all.reduce<Parameters<typeof addUsage>[0]>((a, b) => addUsage(a, b as typeof none), none);
      assert.deepEqual(new Map(counts(sum)), expected);
    }),
  );
});
