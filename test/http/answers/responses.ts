import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import type OpenAI from 'openai';
import { textAnswer, thinkingAnswer, toolAnswer } from '../../../simulator/index.ts';
import type { Ocp } from '../../support/ocp.ts';
import { sharedOcp } from '../../support/shared-ocp.ts';
import { clientOf, conversationOf, errorOf, lastSent, script } from '../chat-support.ts';

const weather: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'weather',
  description: 'Tells the weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: false,
};

suite('responses through the openai package', () => {
  let ocp: Ocp;
  let client: OpenAI;

  before(async () => {
    ocp = await sharedOcp();
    client = clientOf(ocp);
  });

  async function origins(): Promise<Record<string, number>> {
    const { workers } = (await ocp.health()) as { readonly workers: { readonly origins: Record<string, number> } };
    return workers.origins;
  }

  test('a text is answered whole, with the usage', async () => {
    script(ocp, { reply: textAnswer(['Hel', 'lo 🌍']) });
    const response = await client.responses.create({ model: 'sonnet', input: 'Hi' });
    assert.match(response.id, /^resp_/);
    assert.deepEqual([response.status, response.output_text], ['completed', 'Hello 🌍']);
    assert.ok((response.usage?.input_tokens ?? 0) > 0 && (response.usage?.output_tokens ?? 0) > 0);
    assert.deepEqual(conversationOf(lastSent(ocp)), [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]);
  });

  test('a stream tells every event in order, and each piece as it came', async () => {
    script(ocp, { reply: thinkingAnswer('let me see', 'Hello') });
    const stream = await client.responses.create({
      model: 'sonnet',
      input: 'Hi',
      stream: true,
      reasoning: { effort: 'low', summary: 'auto' },
    });
    const types: string[] = [];
    for await (const event of stream) {
      assert.equal(event.sequence_number, types.length);
      types.push(event.type);
    }
    const once = types.filter((type, index) => type !== types[index - 1]);
    assert.deepEqual(once, [
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  test('a call goes to the client, and its output back into the turn that waits for it', async () => {
    script(
      ocp,
      { when: { hasToolResults: true }, reply: 'It is sunny.' },
      { reply: toolAnswer({ name: 'weather', input: { city: 'Oslo' } }) },
    );
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'What is the weather in Oslo?' }];
    const usual = { model: 'sonnet', instructions: 'Be brief.', tools: [weather] };
    const asked = await client.responses.create({ ...usual, input, store: false });
    assert.ok(JSON.stringify(lastSent(ocp).system).includes('Be brief.'));
    const [call] = asked.output;
    assert.ok(call?.type === 'function_call', JSON.stringify(asked.output));
    assert.deepEqual([call.name, JSON.parse(call.arguments)], ['weather', { city: 'Oslo' }]);
    const live = (await origins())['live'] ?? 0;
    const answered = await client.responses.create({
      ...usual,
      input: [...input, call, { type: 'function_call_output', call_id: call.call_id, output: 'sunny' }],
      store: false,
    });
    assert.equal(answered.output_text, 'It is sunny.');
    assert.equal((await origins())['live'], live + 1);
    assert.equal(ocp.simulator.log.messages().length, 2);
    const last = conversationOf(lastSent(ocp)).at(-1);
    assert.equal(last?.content[0]?.['type'], 'tool_result');
  });

  test('a call goes on live by previous_response_id, its output alone', async () => {
    script(
      ocp,
      { when: { hasToolResults: true }, reply: 'It rains.' },
      { reply: toolAnswer({ name: 'weather', input: { city: 'Bergen' } }) },
    );
    const usual = { model: 'sonnet', instructions: 'Be brief.', tools: [weather] };
    const stream = client.responses.stream({ ...usual, input: 'And in Bergen?' });
    const asked = await stream.finalResponse();
    const [call] = asked.output;
    assert.ok(call?.type === 'function_call');
    const live = (await origins())['live'] ?? 0;
    const answered = await client.responses.create({
      ...usual,
      previous_response_id: asked.id,
      input: [{ type: 'function_call_output', call_id: call.call_id, output: 'rain' }],
    });
    assert.deepEqual([answered.output_text, answered.previous_response_id], ['It rains.', asked.id]);
    assert.equal((await origins())['live'], live + 1);
  });

  test('what OCP does not do is refused by name', async () => {
    const background = client.responses.create({ model: 'sonnet', input: 'Hi', background: true });
    await assert.rejects(background, { status: 400, code: 'unsupported_parameter', param: 'background' });
    const upgrade = await fetch(`${ocp.url}/v1/responses`);
    assert.deepEqual([upgrade.status, upgrade.headers.get('allow')], [405, 'POST']);
    const compact = await fetch(`${ocp.url}/v1/responses/compact`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    assert.deepEqual([compact.status, (await errorOf(compact)).code], [405, 'method_not_allowed']);
  });

  test('truncation auto leaves out the oldest messages, and says so', async () => {
    script(ocp, { reply: 'fine' });
    const long = 'x'.repeat(700_000);
    const { response } = await client.responses
      .create({
        model: 'claude-haiku-4-5',
        truncation: 'auto',
        input: [
          { role: 'user', content: long },
          { role: 'assistant', content: 'ok' },
          { role: 'user', content: 'The end' },
        ],
      })
      .withResponse();
    assert.equal(response.headers.get('x-ocp-truncated'), '2 oldest messages');
    assert.deepEqual(conversationOf(lastSent(ocp)), [{ role: 'user', content: [{ type: 'text', text: 'The end' }] }]);
  });

  test('tokens are counted without a turn', async () => {
    script(ocp);
    const { input_tokens: tokens } = await client.responses.inputTokens.count({ model: 'sonnet', input: 'Hi there' });
    assert.ok(tokens > 0);
    assert.equal(ocp.simulator.log.messages().length, 0);
  });
});
