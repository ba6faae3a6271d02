import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Anthropic from '@anthropic-ai/sdk';
import * as fc from 'fast-check';
import { startSimulator } from '../../simulator/index.ts';
import { promptBlocks } from '../../simulator/prompt/blocks.ts';
import { PromptCache } from '../../simulator/prompt/cache.ts';
import { client, model } from './support.ts';

/** Blocks of 10 tokens each; the ones at the given places carry a breakpoint. */
function prompt(count: number, ...breakpoints: readonly number[]): Anthropic.MessageCreateParamsNonStreaming {
  const content = Array.from({ length: count }, (_, at): Anthropic.TextBlockParam => {
    const text = String(at).padEnd(40, '.');
    return breakpoints.includes(at)
      ? { type: 'text', text, cache_control: { type: 'ephemeral' } }
      : { type: 'text', text };
  });
  return { model, max_tokens: 10, messages: [{ role: 'user', content }] };
}

async function counts(
  api: Anthropic,
  params: Anthropic.MessageCreateParamsNonStreaming,
): Promise<{ read: number | null; written: number | null; rest: number }> {
  const { usage } = await api.messages.create(params);
  return { read: usage.cache_read_input_tokens, written: usage.cache_creation_input_tokens, rest: usage.input_tokens };
}

test('a prefix is written at its breakpoint, then read, and what follows it is billed in full', async () => {
  await using simulator = await startSimulator({ minimumCacheTokens: 0 });
  const api = client(simulator);
  assert.deepEqual(await counts(api, prompt(5, 2)), { read: 0, written: 30, rest: 20 });
  assert.deepEqual(await counts(api, prompt(6, 2)), { read: 30, written: 0, rest: 30 });
  assert.deepEqual(await counts(api, prompt(6, 2, 5)), { read: 30, written: 30, rest: 0 });
});

test('a streamed answer tells the same counts at its start and at its end', async () => {
  await using simulator = await startSimulator({ minimumCacheTokens: 0 });
  const api = client(simulator);
  await counts(api, prompt(3, 1));
  const usages: unknown[] = [];
  for await (const event of api.messages.stream(prompt(4, 1, 2))) {
    if (event.type === 'message_start') usages.push(event.message.usage.cache_read_input_tokens);
    if (event.type === 'message_delta') usages.push(event.usage.cache_read_input_tokens);
  }
  assert.deepEqual(usages, [20, 20]);
});

test('the look-back from a breakpoint is 20 blocks, itself included', async () => {
  await using simulator = await startSimulator({ minimumCacheTokens: 0 });
  const api = client(simulator);
  await counts(api, prompt(1, 0));
  assert.equal((await counts(api, prompt(20, 19))).read, 10, 'block 0 is the 20th looked at');
  await using another = await startSimulator({ minimumCacheTokens: 0 });
  const far = client(another);
  await counts(far, prompt(1, 0));
  assert.equal((await counts(far, prompt(21, 20))).read, 0, 'block 0 would be the 21st');
  assert.equal((await counts(far, prompt(40, 5, 39))).read, 210, 'found from the last breakpoint, 19 blocks back');
});

test('an entry lives five minutes from its last use', async () => {
  let now = 0;
  await using simulator = await startSimulator({ minimumCacheTokens: 0, now: () => now });
  const api = client(simulator);
  await counts(api, prompt(2, 1));
  now = 299_000;
  assert.equal((await counts(api, prompt(2, 1))).read, 20);
  now = 598_000;
  assert.equal((await counts(api, prompt(2, 1))).read, 20, 'the read at 299 s prolonged it');
  now = 898_001;
  assert.equal((await counts(api, prompt(2, 1))).read, 0);
});

test('models and credentials share nothing', async () => {
  await using simulator = await startSimulator({ minimumCacheTokens: 0 });
  await counts(client(simulator), prompt(2, 1));
  assert.equal((await counts(client(simulator, 'sk-ant-other'), prompt(2, 1))).read, 0);
  assert.equal((await counts(client(simulator), { ...prompt(2, 1), model: 'claude-opus-5-5' })).read, 0);
});

test('a prefix below the minimum is not cached', async () => {
  await using simulator = await startSimulator({ minimumCacheTokens: 25 });
  const api = client(simulator);
  assert.deepEqual(await counts(api, prompt(2, 1)), { read: 0, written: 0, rest: 20 });
  assert.deepEqual(await counts(api, prompt(3, 2)), { read: 0, written: 30, rest: 0 });
});

test('an hour’s breakpoint is counted apart', async () => {
  await using simulator = await startSimulator({ minimumCacheTokens: 0 });
  const system = [
    { type: 'text' as const, text: 's'.repeat(80), cache_control: { type: 'ephemeral' as const, ttl: '1h' as const } },
  ];
  const { usage } = await client(simulator).messages.create({ ...prompt(1, 0), system });
  assert.deepEqual(usage.cache_creation, { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 });
});

test('tools come before system and messages: a changed tool reads nothing, a changed tool_choice keeps the system', async () => {
  await using simulator = await startSimulator({ minimumCacheTokens: 0 });
  const api = client(simulator);
  const system = [{ type: 'text' as const, text: 's'.repeat(80), cache_control: { type: 'ephemeral' as const } }];
  const tool = { name: 'read', description: 'reads', input_schema: { type: 'object' as const } };
  const params = { ...prompt(1, 0), system, tools: [tool] };
  const first = await counts(api, params);
  assert.deepEqual(await counts(api, params), { read: first.written, written: 0, rest: 0 });
  const forced = await counts(api, { ...params, tool_choice: { type: 'any' } });
  assert.deepEqual([forced.read, forced.written], [Number(first.written) - 10, 10]);
  assert.equal((await counts(api, { ...params, tools: [{ ...tool, description: 'writes' }] })).read, 0);
});

test('any prefix that was written is read by every prompt that begins with it, within the look-back', () => {
  const words = fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(words, fc.array(fc.string({ minLength: 1 }), { maxLength: 19 }), (prefix, more) => {
      const cache = new PromptCache({ minimumTokens: 0, now: () => 0 });
      const blocks = (texts: readonly string[]): ReturnType<typeof promptBlocks> =>
        promptBlocks({
          messages: [
            {
              role: 'user',
              content: texts.map((text, at) => ({
                type: 'text',
                text,
                ...(at === texts.length - 1 ? { cache_control: { type: 'ephemeral' } } : {}),
              })),
            },
          ],
        });
      const first = cache.lookup('scope', blocks(prefix));
      first.commit();
      const second = cache.lookup('scope', blocks([...prefix, ...more])).usage;
      assert.equal(second.cache_read_input_tokens, first.usage.cache_creation_input_tokens);
      const total = second.input_tokens + second.cache_creation_input_tokens + second.cache_read_input_tokens;
      assert.equal(
        total,
        [...prefix, ...more].reduce((sum, text) => sum + Math.ceil(text.length / 4), 0),
      );
      const changed = cache.lookup('scope', blocks([`${prefix[0]}!`, ...prefix.slice(1), ...more])).usage;
      assert.equal(changed.cache_read_input_tokens, 0);
    }),
  );
});
