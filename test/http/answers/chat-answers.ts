import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import type OpenAI from 'openai';
import { NotFoundError } from 'openai';
import { textAnswer, thinkingAnswer } from '../../../simulator/index.ts';
import type { Ocp } from '../../support/ocp.ts';
import { sharedOcp } from '../../support/shared-ocp.ts';
import { clientOf, lastSent, post, question, readSse, script } from '../chat-support.ts';

suite('chat answers through the openai package', () => {
  let ocp: Ocp;
  let client: OpenAI;

  before(async () => {
    ocp = await sharedOcp();
    client = clientOf(ocp);
  });

  /** What the simulator counted for the newest request, as OpenAI shapes it. */
  function countedUsage(): object {
    const usage = ocp.simulator.log.messages().at(-1)?.usage as {
      input_tokens: number;
      cache_read_input_tokens: number;
      cache_creation_input_tokens: number;
      output_tokens: number;
      output_tokens_details: { thinking_tokens: number };
    };
    const prompt = usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens;
    return {
      prompt_tokens: prompt,
      completion_tokens: usage.output_tokens,
      total_tokens: prompt + usage.output_tokens,
      prompt_tokens_details: {
        cached_tokens: usage.cache_read_input_tokens,
        cache_write_tokens: usage.cache_creation_input_tokens,
      },
      completion_tokens_details: { reasoning_tokens: usage.output_tokens_details.thinking_tokens },
    };
  }

  test('a whole answer has the id, time, model, text and usage that the package promises', async () => {
    script(ocp, { reply: textAnswer(['Hel', 'lo ', 'wörld 🌍']) });
    const before = Math.floor(Date.now() / 1000);
    const { data: completion, request_id: requestId } = await client.chat.completions
      .create(question('Hello', { user: 'u1', metadata: { a: 'b' }, n: 1 }))
      .withResponse();
    assert.match(completion.id, /^chatcmpl-[A-Za-z0-9]{24}$/u);
    assert.equal(completion.object, 'chat.completion');
    assert.ok(completion.created >= before && completion.created <= Date.now() / 1000);
    assert.equal(completion.model, 'claude-sonnet-5-5');
    assert.equal(completion.choices.length, 1);
    assert.deepEqual(completion.choices[0], {
      index: 0,
      message: { role: 'assistant', content: 'Hello wörld 🌍', refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    });
    assert.deepEqual(completion.usage, countedUsage());
    assert.equal(completion.usage?.completion_tokens, 3);
    assert.match(requestId ?? '', /^req_/u);
    assert.equal(ocp.simulator.log.messages().length, 1);
  });

  test('thinking is counted as reasoning and kept apart from the text', async () => {
    script(ocp, { reply: thinkingAnswer('let me think', 'done') });
    const completion = await client.chat.completions.create(question('Think'));
    assert.equal(completion.choices[0]?.message.content, 'done');
    assert.deepEqual(completion.usage, countedUsage());
    assert.equal(completion.usage?.completion_tokens_details?.reasoning_tokens, 3);

    const sse = readSse(await (await post(ocp, question('Think', { stream: true }))).text());
    assert.equal(sse.text, 'done');
    const thought = sse.chunks.map((chunk) => chunk.choices?.[0]?.delta.reasoning_content ?? '').join('');
    assert.equal(thought, 'let me think');
  });

  test('a streamed answer ends with the usage that was counted, cached tokens included', async () => {
    script(ocp, { reply: 'fine' });
    const first = 'A long enough beginning for the cache to keep. '.repeat(40);
    const history: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'user', content: first },
      { role: 'assistant', content: 'fine' },
    ];
    await client.chat.completions.create(question(first));
    const stream = await client.chat.completions.create({
      model: 'sonnet',
      stream: true,
      stream_options: { include_usage: true },
      messages: [...history, { role: 'user', content: 'And now?' }],
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const last = chunks.at(-1);
    assert.deepEqual(last?.choices, []);
    assert.deepEqual(last.usage, countedUsage());
    assert.ok((last.usage?.prompt_tokens_details?.cached_tokens ?? 0) > 400, 'the first turn is read from the cache');
    assert.ok(chunks.slice(0, -1).every((chunk) => chunk.usage === null));
  });

  test('every chunk shares one id, time and model; the first says the role, the last why it ended', async () => {
    script(ocp, { reply: textAnswer(['a', 'b']) });
    const response = await post(ocp, question('Hello', { stream: true }));
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    assert.equal(response.headers.get('x-accel-buffering'), 'no');
    assert.match(response.headers.get('cache-control') ?? '', /no-cache/u);
    const { chunks, text, isEnded } = readSse(await response.text());
    assert.ok(isEnded);
    assert.equal(text, 'ab');
    assert.equal(new Set(chunks.map(({ id, object, created, model }) => [id, object, created, model].join())).size, 1);
    assert.equal(chunks[0]?.object, 'chat.completion.chunk');
    assert.equal(chunks[0].choices?.[0]?.delta.role, 'assistant');
    assert.deepEqual(
      chunks.map((chunk) => chunk.choices?.[0]?.finish_reason),
      [null, null, null, 'stop'],
    );
    assert.ok(
      chunks.every((chunk) => chunk.usage === undefined),
      'usage only where it was asked for',
    );
  });

  test('two answers never share an id', async () => {
    script(ocp, { reply: 'ok' });
    const one = await client.chat.completions.create(question('Hello'));
    const two = await client.chat.completions.create(question('Hello'));
    assert.notEqual(one.id, two.id);
  });

  test('each piece is written when it comes, not when the answer is whole', async () => {
    const paced = textAnswer(['first', 'second'], { fault: { kind: 'stall', afterTokens: 2 }, tokenDelayMs: 5 });
    script(ocp, { reply: paced });
    const abort = new AbortController();
    const response = await post(ocp, question('Hello', { stream: true }), {}, abort.signal);
    let seen = '';
    assert.ok(response.body);
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      seen += piece;
      if (seen.includes('first')) break;
    }
    abort.abort();
    await ocp.simulator.log.waitFor((record) => record.outcome === 'client_closed');
  });

  test('the model that answered is named, whatever it was called in the request', async () => {
    const names = [
      ['sonnet', 'claude-sonnet-5-5'],
      ['anthropic/claude-sonnet-5-5', 'claude-sonnet-5-5'],
      ['claude-sonnet-4', 'claude-sonnet-5-5'],
    ] as const;
    for (const [asked, sent] of names) {
      script(ocp, { reply: 'ok' });
      const completion = await client.chat.completions.create({ ...question('Hello'), model: asked });
      assert.equal(lastSent(ocp).model, sent);
      assert.equal(completion.model, sent);
    }
  });

  test('a claude-* name that nobody lists is passed on', async () => {
    script(ocp, { reply: 'ok' });
    const completion = await client.chat.completions.create({ ...question('Hello'), model: 'claude-next-9' });
    assert.equal(lastSent(ocp).model, 'claude-next-9');
    assert.equal(completion.model, 'claude-next-9');
  });

  test('another unknown model is a 404 with the list of those there are, without a call', async () => {
    script(ocp);
    await assert.rejects(client.chat.completions.create({ ...question('Hello'), model: 'gpt-5' }), (error) => {
      assert.ok(error instanceof NotFoundError);
      assert.equal(error.code, 'model_not_found');
      assert.equal(error.param, 'model');
      assert.match(error.message, /sonnet.*claude-opus-5-5/u);
      return true;
    });
    assert.equal(ocp.simulator.log.all.length, 0);
  });
});
