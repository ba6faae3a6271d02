import assert from 'node:assert/strict';
import OpenAI from 'openai';
import type { Answer, Choice, Driver, Entry, Part, Request } from './driver.ts';
import { Slots } from './driver.ts';

type Params = OpenAI.ChatCompletionCreateParams;
type Message = OpenAI.ChatCompletionMessage & { readonly reasoning_content?: string };

/** Chat Completions through the `openai` package. */
export const chat: Driver = {
  name: 'chat completions',
  async ask(ocp, request) {
    const client = new OpenAI({ baseURL: `${ocp.url}/v1`, apiKey: request.key ?? 'none', maxRetries: 0 });
    const body = bodyOf(request);
    const options = { headers: request.headers ?? {} };
    if (request.stream) {
      const stream = await client.chat.completions.create(
        { ...body, stream: true, stream_options: { include_usage: true } },
        options,
      );
      return collect(stream);
    }
    const { choices, usage } = await client.chat.completions.create({ ...body, stream: false }, options);
    const [choice] = choices;
    assert.ok(choice !== undefined && choices.length === 1);
    return answerOf(choice.message, choice.finish_reason, usage, { text: [], calls: [] });
  },
};

function bodyOf(request: Request): Omit<Params, 'stream'> {
  const { tools, choice, schema } = request;
  return {
    model: request.model ?? 'sonnet',
    messages: [
      ...(request.system === undefined ? [] : [{ role: 'system' as const, content: request.system }]),
      ...request.entries.flatMap(messages),
    ],
    ...(tools === undefined
      ? {}
      : {
          tools: tools.map((tool) => ({
            type: 'function' as const,
            function: {
              name: tool.name,
              parameters: tool.schema,
              ...(tool.description === undefined ? {} : { description: tool.description }),
            },
          })),
        }),
    ...(choice === undefined ? {} : { tool_choice: toolChoice(choice) }),
    ...(request.parallel === undefined ? {} : { parallel_tool_calls: request.parallel }),
    ...(schema === undefined
      ? {}
      : { response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } } }),
    ...(request.effort === undefined ? {} : { reasoning_effort: request.effort }),
    ...request.extra,
  };
}

function messages(entry: Entry): OpenAI.ChatCompletionMessageParam[] {
  switch (entry.kind) {
    case 'user':
      return [{ role: 'user', content: parts(entry.content) }];
    case 'answer':
      return [entry.answer.native as OpenAI.ChatCompletionAssistantMessageParam];
    case 'results':
      return entry.results.map(({ id, content }) => ({
        role: 'tool',
        tool_call_id: id,
        // The published type has no images here, and OCP takes them all the same.
        content: parts(content) as string,
      }));
  }
}

function parts(content: string | readonly Part[]): string | OpenAI.ChatCompletionContentPart[] {
  if (typeof content === 'string') return content;
  return content.map((part) => {
    if ('text' in part) return { type: 'text', text: part.text };
    if ('image' in part) return { type: 'image_url', image_url: { url: part.image } };
    return { type: 'file', file: { filename: 'paper.pdf', file_data: `data:application/pdf;base64,${part.pdf}` } };
  });
}

function toolChoice(choice: Choice): OpenAI.ChatCompletionToolChoiceOption {
  if (typeof choice === 'string') return choice;
  if ('tool' in choice) return { type: 'function', function: { name: choice.tool } };
  const tools = choice.allowed.map((name) => ({ type: 'function', function: { name } }));
  return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools } };
}

interface Pieces {
  readonly text: readonly string[];
  readonly calls: readonly (readonly string[])[];
}

async function collect(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<Answer> {
  const text: string[] = [];
  const reasoning: string[] = [];
  let refusal = '';
  let finish: string | null = null;
  let usage: OpenAI.CompletionUsage | null | undefined;
  const calls = new Slots(() => ({ id: '', name: '', pieces: [] as string[] }));
  for await (const { choices, usage: counted } of stream) {
    usage = counted ?? usage;
    const [choice] = choices;
    if (choice === undefined) continue;
    assert.equal(finish, null, 'nothing follows the finish reason but the usage');
    finish = choice.finish_reason;
    const delta = choice.delta as OpenAI.ChatCompletionChunk.Choice.Delta & { reasoning_content?: string };
    if (delta.content) text.push(delta.content);
    if (delta.reasoning_content) reasoning.push(delta.reasoning_content);
    refusal += delta.refusal ?? '';
    for (const part of delta.tool_calls ?? []) {
      const call = calls.at(part.index);
      // Clients take the id and the name from the first delta, and add up the arguments.
      assert.equal(part.id === undefined, call.id !== '', 'the id comes once, first');
      call.id ||= part.id ?? '';
      call.name ||= part.function?.name ?? '';
      if (part.function?.arguments) call.pieces.push(part.function.arguments);
    }
  }
  const message = {
    role: 'assistant',
    content: text.join(''),
    refusal: refusal === '' ? null : refusal,
    ...(reasoning.length === 0 ? {} : { reasoning_content: reasoning.join('') }),
    ...(calls.all().length === 0
      ? {}
      : {
          tool_calls: calls.all().map(({ id, name, pieces }) => ({
            id,
            type: 'function' as const,
            function: { name, arguments: pieces.join('') },
          })),
        }),
  } satisfies Message;
  return answerOf(message, finish, usage ?? undefined, { text, calls: calls.all().map((call) => call.pieces) });
}

function answerOf(
  message: Message,
  finish: string | null,
  usage: OpenAI.CompletionUsage | undefined,
  pieces: Pieces,
): Answer {
  assert.ok(usage !== undefined, 'the usage is told');
  const stops = { stop: 'end', tool_calls: 'calls', length: 'length', content_filter: 'refusal' } as const;
  const stop = stops[finish as keyof typeof stops] as (typeof stops)[keyof typeof stops] | undefined;
  assert.ok(stop !== undefined, `finish reason ${finish}`);
  return {
    text: message.content ?? '',
    textPieces: pieces.text,
    reasoning: message.reasoning_content ?? '',
    refusal: message.refusal ?? '',
    calls: (message.tool_calls ?? []).map((call, index) => {
      assert.ok(call.type === 'function');
      const { name, arguments: json } = call.function;
      return { id: call.id, name, json, pieces: pieces.calls[index] ?? [] };
    }),
    stop: message.refusal === null ? stop : 'refusal',
    promptTokens: usage.prompt_tokens,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    native: message,
  };
}
