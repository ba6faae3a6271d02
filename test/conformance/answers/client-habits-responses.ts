import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import type OpenAI from 'openai';
import { toolAnswer } from '../../../simulator/index.ts';
import { clientOf, conversationOf, lastSent, script, systemOf } from '../../http/chat-support.ts';
import { conformance, originsDuring, sentTools, usual } from '../support.ts';

type Item = OpenAI.Responses.ResponseInputItem;

const patch = {
  type: 'custom',
  name: 'apply_patch',
  description: 'Edits files.',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: "*** Begin Patch"' },
} as const;
const agents = {
  type: 'namespace',
  name: 'multi_agent',
  description: 'Other agents.',
  tools: [
    {
      type: 'function',
      name: 'spawn',
      description: 'Starts one.',
      strict: null,
      parameters: { type: 'object', properties: {} },
    },
  ],
};
const hosted = [{ type: 'web_search' }, { type: 'tool_search' }, { type: 'of_tomorrow' }];
const tools = [patch, agents, ...hosted] as unknown as OpenAI.Responses.Tool[];

conformance('habits of clients of Responses', usual, (ocp) => {
  const usual = { model: 'sonnet', store: false, tools, text: {}, include: ['reasoning.encrypted_content' as const] };

  test('custom and namespaced tools are called in their own kind, and answered in the same process (Codex)', async () => {
    for (const stream of [true, false]) {
      script(
        ocp(),
        { when: { hasToolResults: true }, reply: 'Done.' },
        {
          reply: ({ tools: offered }) =>
            toolAnswer(
              ...offered.map(({ name }) => ({
                name,
                input: name === 'apply_patch' ? { input: '*** Begin Patch\n"ü"' } : {},
              })),
            ),
        },
      );
      const client = clientOf(ocp());
      const input: Item[] = [
        { role: 'developer', content: 'You are an agent.' },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go' }] },
      ];
      const asked = stream
        ? await client.responses.stream({ ...usual, input }).finalResponse()
        : await client.responses.create({ ...usual, input });
      const output: readonly OpenAI.Responses.ResponseOutputItem[] = asked.output;
      assert.equal(systemOf(lastSent(ocp())).includes('You are an agent.'), true);
      assert.equal(sentTools(ocp().simulator.log.messages()[0]).length, 2);
      const [custom] = output.flatMap((item) => (item.type === 'custom_tool_call' ? [item] : []));
      const [called] = output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
      assert.deepEqual([custom?.name, custom?.input], ['apply_patch', '*** Begin Patch\n"ü"']);
      assert.deepEqual([called?.name, called?.namespace, called?.arguments], ['spawn', 'multi_agent', '{}']);
      const { live } = await originsDuring(ocp(), async () => {
        const answered = await client.responses.create({
          ...usual,
          input: [
            ...input,
            ...(output as Item[]),
            { type: 'custom_tool_call_output', call_id: custom?.call_id ?? '', output: 'patched' },
            {
              type: 'function_call_output',
              call_id: called?.call_id ?? '',
              output: [{ type: 'input_text', text: 'spawned' }],
            },
          ],
        });
        assert.equal(answered.output_text, 'Done.');
      });
      assert.equal(live, 1);
      assert.equal(ocp().simulator.log.messages().length, 2);
    }
  });

  test('hosted tools that are merely offered are left out by name', async () => {
    script(ocp(), { reply: 'Fine.' });
    const { response } = await clientOf(ocp())
      .responses.create({ ...usual, instructions: 'You are an agent.', input: 'Hi' })
      .withResponse();
    for (const { type } of hosted) assert.match(response.headers.get('x-ocp-ignored') ?? '', new RegExp(type, 'u'));
    const forced = { ...usual, input: 'Hi', tool_choice: { type: 'web_search_preview' as const } };
    await assert.rejects(clientOf(ocp()).responses.create(forced), { status: 400 });
  });

  test('tools may stand in the input, and items may lack their type', async () => {
    script(ocp(), { reply: toolAnswer('later') });
    const later = { type: 'function', name: 'later', parameters: { type: 'object', properties: {} } };
    const input = [
      { type: 'additional_tools', tools: [later] },
      { role: 'user', content: 'Go' },
    ] as unknown as Item[];
    const { output } = await clientOf(ocp()).responses.create({ model: 'sonnet', input, store: false });
    assert.deepEqual(
      output.map((item) => (item.type === 'function_call' ? item.name : item.type)),
      ['later'],
    );
    assert.deepEqual(
      conversationOf(lastSent(ocp())).map(({ role }) => role),
      ['user'],
    );
  });

  test('what goes on from an unknown response is told so', async () => {
    const unknown = clientOf(ocp()).responses.create({
      model: 'sonnet',
      input: 'Hi',
      previous_response_id: 'resp_unknown',
    });
    await assert.rejects(unknown, { status: 400, code: 'previous_response_not_found' });
  });

  test('a WebSocket is refused at once with 426, so that Codex falls back to HTTP', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': btoa('x'.repeat(16)),
      };
      const call = request(`${ocp().url}/v1/responses`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.on('error', reject);
      call.end();
    });
    assert.equal(status, 426);
  });

  test('a whole answer of a great length may be asked for without a stream (Claude Code)', async () => {
    script(ocp(), { reply: 'Long enough.' });
    const body = { model: 'sonnet', max_tokens: 128_000, stream: false, messages: [{ role: 'user', content: 'Hi' }] };
    const response = await fetch(`${ocp().url}/v1/messages?beta=true`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify(body),
    });
    assert.match(await response.text(), /"stop_reason":"end_turn"/u);
    assert.equal(lastSent(ocp()).max_tokens, 128_000);
  });
});
