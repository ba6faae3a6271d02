import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { startSimulator, thinkingAnswer } from '../../simulator/index.ts';
import { rules } from '../../simulator/validation/validate.ts';
import { aPdf, jpeg, png } from '../support/media.ts';
import { asking, post } from './support.ts';

type Body = Readonly<Record<string, unknown>>;

const haiku = 'claude-haiku-4-5';
const tool = { name: 'read', input_schema: { type: 'object', properties: {} } };
const use = (id: string): Body => ({ type: 'tool_use', id, name: 'read', input: {} });
const result = (id: string): Body => ({ type: 'tool_result', tool_use_id: id, content: 'ok' });
const marked = { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } };
const user = (content: unknown): Body => ({ role: 'user', content });
const assistant = (content: unknown): Body => ({ role: 'assistant', content });
const image = (data: string, type = 'image/png'): Body => ({
  type: 'image',
  source: { type: 'base64', media_type: type, data },
});

function said(...messages: readonly unknown[]): Body {
  return { ...asking('a'), messages };
}

function withTool(input_schema: unknown, name = 'read'): Body {
  return { ...asking('a'), tools: [{ name, input_schema }] };
}

function withProperty(schema: unknown): Body {
  return withTool({ type: 'object', properties: { a: schema } });
}

/** Bodies that break one rule each, by the rule's name. */
const broken: Readonly<Record<string, readonly Body[]>> = {
  'model-required': [{ max_tokens: 1, messages: [user('a')] }],
  'max-tokens': [
    { ...asking('a'), max_tokens: 0 },
    { ...asking('a'), max_tokens: 1.5 },
    { ...asking('a'), max_tokens: 128_001 },
    { ...asking('a'), model: haiku, max_tokens: 64_001 },
  ],
  'stop-sequences': [
    { ...asking('a'), stop_sequences: [' \n'] },
    { ...asking('a'), stop_sequences: 'x' },
  ],
  sampling: [
    { ...asking('a'), temperature: 1.1 },
    { ...asking('a'), top_k: -1 },
  ],
  metadata: [{ ...asking('a'), metadata: { user_id: 3 } }],
  system: [{ ...asking('a'), system: [{ type: 'text', text: '' }] }],
  'cache-breakpoints': [{ ...said(user([marked, marked, marked])), system: [marked, marked] }],
  'messages-list': [{ ...asking('a'), messages: [] }],
  'messages-shape': [
    said({ role: 'tool', content: 'a' }),
    said(user('')),
    said(user([{ type: 'thinking', thinking: 'a', signature: 'b' }])),
    said(user('a'), assistant([image(png(2, 2))]), user('b')),
    said(user('a'), assistant([{ type: 'thinking', thinking: 'a' }]), user('b')),
  ],
  'first-message': [said(assistant('a'), user('b'))],
  'blank-text': [
    said(user([{ type: 'text', text: '' }])),
    said(user(' \n')),
    said(user('a'), assistant(' '), user('b')),
  ],
  'thinking-last': [said(user('a'), assistant([{ type: 'thinking', thinking: 'a', signature: 'b' }]), user('b'))],
  prefill: [
    said(user('a'), assistant('{')),
    { ...said(user('a'), assistant('{ ')), model: haiku },
    {
      ...said(user('a'), assistant('{')),
      model: haiku,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      max_tokens: 2000,
    },
  ],
  'tools-list': [{ ...asking('a'), tools: {} }],
  'tool-name': [
    withTool(tool.input_schema, 'a.b'),
    withTool(tool.input_schema, ''),
    withTool(tool.input_schema, 'x'.repeat(129)),
  ],
  'tool-names-unique': [{ ...asking('a'), tools: [tool, tool] }],
  'tool-schema': [
    withTool({ type: 'string' }),
    withTool({ properties: {} }),
    withTool({ type: 'object', properties: { $filter: {} } }),
    withTool({ type: 'object', properties: { ['k'.repeat(65)]: {} } }),
    withTool({ type: 'object', anyOf: [{ type: 'object' }] }),
    withTool({ type: 'object', required: 'a' }),
    withProperty({ type: 'number', minimum: 1, exclusiveMinimum: true }),
    withProperty({ type: 'any' }),
    withProperty(null),
    withProperty({ type: 'array', items: [{}] }),
  ],
  'tool-choice': [
    { ...asking('a'), tool_choice: { type: 'any' } },
    { ...asking('a'), tools: [tool], tool_choice: { type: 'tool', name: 'write' } },
  ],
  'tool-use-shape': [said(user('a'), assistant([use('a.b')]), user([result('a.b')]))],
  'tool-use-ids-unique': [
    said(user('a'), assistant([use('x')]), user([result('x')]), assistant([use('x')]), user([result('x')])),
  ],
  'tool-result-once': [said(user('a'), assistant([use('x')]), user([result('x'), result('x')]))],
  'tool-results-first': [said(user('a'), assistant([use('x')]), user([{ type: 'text', text: 'b' }, result('x')]))],
  'tool-pairs': [said(user('a'), assistant([use('x')]), user('b')), said(user([result('x')]))],
  'image-count': [said(user(Array.from({ length: 601 }, () => image(png(1, 1)))))],
  'image-source': [
    said(user([image('iVBORw0KGgo=')])),
    said(user([image('no base64')])),
    said(user([image(png(2, 2), 'image/jpeg')])),
    said(user([image(jpeg(2, 2))])),
    said(user([image(png(8001, 1))])),
    said(user(Array.from({ length: 21 }, () => image(png(2001, 1))))),
    said(user('a'), assistant([use('x')]), user([{ ...result('x'), content: [image('iVBORw0KGgo=')] }])),
  ],
  pdf: [said(user([{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' } }]))],
  'thinking-type': [{ ...asking('a'), thinking: { type: 'on' } }],
  'thinking-budget': [
    { ...asking('a'), model: haiku, max_tokens: 40, thinking: { type: 'enabled', budget_tokens: 1024 } },
    { ...asking('a'), model: haiku, max_tokens: 1024, thinking: { type: 'enabled', budget_tokens: 1024 } },
    { ...asking('a'), model: haiku, max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 1023 } },
  ],
  'thinking-of-the-model': [
    { ...asking('a'), thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 2000 },
    { ...asking('a'), model: 'claude-opus-5-5', thinking: { type: 'disabled' } },
    { ...asking('a'), model: haiku, thinking: { type: 'adaptive' } },
  ],
  'thinking-with-forced-tool': [
    { ...asking('a'), tools: [tool], tool_choice: { type: 'any' }, thinking: { type: 'adaptive' } },
  ],
  'thinking-with-sampling': [{ ...asking('a'), temperature: 0, thinking: { type: 'adaptive' } }],
};

suite('what the simulated API refuses', () => {
  test('has a case for each of its rules, and every rule its source', () => {
    assert.deepEqual(
      Object.keys(broken),
      rules.map(({ name }) => name),
    );
    for (const { source } of rules) assert.notEqual(source, '');
  });

  for (const [name, bodies] of Object.entries(broken)) {
    test(`${name}: is a 400 that names the rule`, async () => {
      await using simulator = await startSimulator();
      for (const body of bodies) {
        const response = await post(simulator, body);
        const text = await response.text();
        assert.deepEqual([response.status, response.headers.get('x-simulator-rule')], [400, name], text);
        assert.match(text, /"type":"invalid_request_error"/);
        assert.ok(response.headers.get('x-simulator-source'));
      }
    });
  }

  test('is nothing else: odd and right requests are answered', async () => {
    await using simulator = await startSimulator();
    const right: readonly Body[] = [
      withProperty({ type: 'object', properties: { $filter: { enum: [] } }, additionalProperties: false }),
      withProperty(true),
      { ...said(user('a'), assistant('{')), model: haiku },
      said(user([image(png(8000, 1)), image(jpeg(3, 3), 'image/jpeg')])),
      said(user([{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: aPdf } }])),
      said(
        user('a'),
        assistant([use('x'), use('y')]),
        user([result('x')]),
        user([result('y'), { type: 'text', text: 'b' }]),
      ),
      { ...asking('a'), model: haiku, max_tokens: 1025, thinking: { type: 'enabled', budget_tokens: 1024 } },
    ];
    for (const body of right) {
      const response = await post(simulator, body);
      assert.equal(response.status, 200, await response.text());
    }
  });
});

suite('thinking that is bound to what stood before it', () => {
  const first = said(user('a'));
  const again = (prefix: string, signature: string): Body =>
    said(
      user(prefix),
      assistant([
        { type: 'thinking', thinking: 'hm', signature },
        { type: 'text', text: 'b' },
      ]),
      user('c'),
    );

  for (const thinkingBinding of ['refuse', 'drop'] as const) {
    test(`comes back as it was, or is a mismatch: ${thinkingBinding}`, async () => {
      await using simulator = await startSimulator({ thinkingBinding, script: [{ reply: thinkingAnswer('hm', 'b') }] });
      const answer = (await (await post(simulator, first)).json()) as { content: { signature: string }[] };
      const signature = answer.content[0]?.signature ?? '';
      assert.equal((await post(simulator, again('a', signature))).status, 200);
      assert.equal(simulator.log.all.at(-1)?.droppedThinking, 0);
      const changed = await post(simulator, again('another beginning', signature));
      assert.equal(changed.status, thinkingBinding === 'refuse' ? 400 : 200);
      assert.equal(simulator.log.all.at(-1)?.droppedThinking, thinkingBinding === 'refuse' ? 0 : 1);
      if (thinkingBinding === 'drop') return;
      assert.match(await changed.text(), /The block is bound to a different conversation/);
      const lenient = {
        ...again('another', signature),
        thinking: { type: 'adaptive', block_binding: { prefix_mismatch_behavior: 'drop_block' } },
      };
      assert.equal((await post(simulator, lenient)).status, 200);
    });
  }
});
