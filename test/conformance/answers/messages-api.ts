import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic, { APIError, BadRequestError, NotFoundError } from '@anthropic-ai/sdk';
import { toolAnswer } from '../../../simulator/index.ts';
import type { Ocp } from '../../support/ocp.ts';
import { conversationOf, lastSent, script, systemOf } from '../../http/chat-support.ts';
import { breakpoints, conformance, promptTokens, usual } from '../support.ts';

const tool = { name: 'look', description: 'Looks.', input_schema: { type: 'object' as const, properties: {} } };
const text = (words: string): Anthropic.TextBlockParam => ({ type: 'text', text: words });
/** Taken by the API, and by its package's type no longer. */
const later = { temperature: 1 };
const mark = { cache_control: { type: 'ephemeral' as const } };

conformance('the Messages API', usual, (ocp) => {
  const client = (): Anthropic => clientOf(ocp());
  const ask = async (fields: Partial<Anthropic.MessageCreateParamsNonStreaming>): Promise<Anthropic.Message> =>
    client().messages.create({
      model: 'sonnet',
      max_tokens: 500,
      messages: [{ role: 'user', content: 'Hello' }],
      ...fields,
    });
  // What begins alike is asked of one worker: each further beginning costs a process.
  const beginning = { system: [{ ...text('You are a pirate.'), ...mark }, text('Speak French.')], tools: [tool] };

  test('events pass through as the API has them', async () => {
    script(ocp(), { reply: 'Hello you' });
    const stream = client().messages.stream({
      model: 'sonnet',
      max_tokens: 500,
      messages: [{ role: 'user', content: 'Hi' }],
    });
    const types: string[] = [];
    for await (const { type } of stream) if (type !== types.at(-1)) types.push(type);
    assert.deepEqual(types, [
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    const message = await stream.finalMessage();
    assert.deepEqual([message.type, message.role, message.stop_reason], ['message', 'assistant', 'end_turn']);
    assert.equal(message.model, lastSent(ocp()).model);
    assert.ok(message.usage.output_tokens > 0);
    const { all } = promptTokens(ocp().simulator.log.messages()[0]);
    const { input_tokens: input, cache_read_input_tokens: read, cache_creation_input_tokens: made } = message.usage;
    assert.equal(input + (read ?? 0) + (made ?? 0), all);
  });

  test('a stop sequence ends the answer before itself, and says which', async () => {
    for (const stream of [true, false]) {
      script(ocp(), { reply: 'One, two, END three' });
      const params = { model: 'sonnet', max_tokens: 500, stop_sequences: ['END', 'STOP'] };
      const body = { ...params, messages: [{ role: 'user' as const, content: 'Count' }] };
      const message = stream
        ? await client().messages.stream(body).finalMessage()
        : await client().messages.create(body);
      assert.deepEqual([message.stop_reason, message.stop_sequence], ['stop_sequence', 'END']);
      assert.deepEqual(
        message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
        'One, two, ',
      );
    }
  });

  test('metadata, betas and fields of a later API are no errors', async () => {
    script(ocp(), { reply: 'Fine.' });
    const { response } = await client()
      .beta.messages.create({
        model: 'sonnet',
        max_tokens: 500,
        metadata: { user_id: 'somebody' },
        betas: ['context-management-2025-06-27', 'of-tomorrow-2030-01-01'],
        context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
        ...later,
        messages: [{ role: 'user', content: 'Hello' }],
      })
      .withResponse();
    assert.equal(response.status, 200);
    assert.match(response.headers.get('request-id') ?? '', /^req_/u);
    assert.equal(response.headers.get('x-ocp-ignored'), 'context_management, temperature');
    assert.doesNotMatch(JSON.stringify(lastSent(ocp())), /somebody/u);
  });

  test('system messages inside the conversation stay in their place', async () => {
    script(ocp(), { reply: 'Fine.' });
    await ask({
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'system', content: 'The user is in a hurry.' } as unknown as Anthropic.MessageParam,
        { role: 'assistant', content: 'Hi' },
        { role: 'user', content: 'Go on' },
        {
          role: 'system',
          content: [text('Be brief.')],
          output_config: { effort: 'low' },
        } as unknown as Anthropic.MessageParam,
      ],
    });
    const sent = JSON.stringify(lastSent(ocp()).messages);
    assert.match(sent, /Hello.*The user is in a hurry\..*Hi.*Go on.*Be brief\./u);
    assert.equal(lastSent(ocp()).output_config?.effort, 'low');
    assert.deepEqual(
      conversationOf(lastSent(ocp())).map(({ role }) => role),
      ['user', 'assistant', 'user'],
    );
  });

  test('system blocks, one or many, are the system prompt; the limit is passed on', async () => {
    script(ocp(), { reply: 'Fine.' });
    await ask({ system: 'You are a cook.' });
    assert.match(systemOf(lastSent(ocp())), /You are a cook\./u);
    await ask({ ...beginning, max_tokens: 321 });
    assert.match(systemOf(lastSent(ocp())), /You are a pirate\.\s*Speak French\./u);
    assert.equal(lastSent(ocp()).max_tokens, 321);
  });

  test("a client's cache marks never make it more than four", async () => {
    script(ocp(), { when: { hasToolResults: true }, reply: 'Fine.' }, { reply: toolAnswer('look') });
    const content = [{ ...text('One'), ...mark }];
    const messages: Anthropic.MessageParam[] = [
      { role: 'user', content },
      { role: 'assistant', content },
      { role: 'user', content },
      {
        role: 'assistant',
        content: [
          { ...text('Looking'), ...mark },
          { type: 'tool_use', id: 'toolu_1', name: 'look', input: {}, ...mark },
        ],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ ...text('seen'), ...mark }], ...mark }],
      },
    ];
    const message = await ask({ ...beginning, messages, tools: [{ ...tool, ...mark }], ...mark });
    assert.equal(message.stop_reason, 'end_turn');
    const [record] = ocp().simulator.log.messages();
    assert.ok(breakpoints(record) <= 4, `${breakpoints(record)} breakpoints`);
  });

  test('errors have the shape of the API and the id of the request', async () => {
    const refused = async (body: object): Promise<APIError> => {
      const error: unknown = await ask(body).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof APIError);
      return error;
    };
    const shaped = await refused({ max_tokens: 0 });
    assert.ok(shaped instanceof BadRequestError);
    assert.equal(shaped.type, 'invalid_request_error');
    assert.match(shaped.requestID ?? '', /^req_/u);
    assert.match(shaped.message, /max_tokens/u);
    assert.ok((await refused({ model: 'gpt-9' })) instanceof NotFoundError);
    const forced = await refused({ tools: [tool], tool_choice: { type: 'tool', name: 'other' } });
    assert.match(forced.message, /'other' not found/u);
    const prefill = await refused({
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'I' },
      ],
    });
    assert.match(prefill.message, /must end with a user message/u);
  });

  test("Anthropic's own tools are left out by name, and refused where one is forced", async () => {
    script(ocp(), { reply: 'Fine.' });
    const search: Anthropic.ToolUnion = { type: 'web_search_20250305', name: 'web_search' };
    const { response } = await client()
      .messages.create({
        ...beginning,
        model: 'sonnet',
        max_tokens: 500,
        messages: [{ role: 'user', content: 'Hi' }],
        tools: [search, tool],
      })
      .withResponse();
    assert.equal(response.headers.get('x-ocp-ignored'), 'tools.web_search_20250305');
    await assert.rejects(ask({ tools: [search], tool_choice: { type: 'tool', name: 'web_search' } }), { status: 400 });
  });
});

conformance('count_tokens', usual, (ocp) => {
  test('counts what the API would count, without a turn', async () => {
    script(ocp(), { reply: 'Fine.' });
    const prompt = {
      model: 'sonnet',
      system: 'Be kind.',
      tools: [tool],
      messages: [
        { role: 'user' as const, content: 'Hello '.repeat(2000) },
        { role: 'assistant' as const, content: 'Hi' },
        { role: 'user' as const, content: 'Go on '.repeat(100) },
      ],
    };
    const { input_tokens: counted } = await clientOf(ocp()).messages.countTokens(prompt);
    assert.equal(ocp().simulator.log.messages().length, 0);
    // The CLI counts the parts of a prompt apart, so that a few tokens of their envelopes differ.
    const upstream = new Anthropic({ baseURL: ocp().simulator.url, apiKey: 'none', maxRetries: 0 });
    const { input_tokens: expected } = await upstream.messages.countTokens({ ...prompt, model: 'claude-sonnet-5-5' });
    assert.ok(Math.abs(counted - expected) <= 30, `counted ${counted}, the API counts ${expected}`);
  });
});

function clientOf(ocp: Ocp): Anthropic {
  return new Anthropic({ baseURL: ocp.url, apiKey: 'none', maxRetries: 0 });
}
