import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import type { Answer, Choice, Driver, Entry, Part, Request, ToolSpec } from './driver.ts';
import { Slots } from './driver.ts';

type Params = Anthropic.MessageCreateParams;
type MediaParam = Anthropic.TextBlockParam | Anthropic.ImageBlockParam | Anthropic.DocumentBlockParam;

/** Messages through the `@anthropic-ai/sdk` package. */
export const messages: Driver = {
  name: 'messages',
  async ask(ocp, request) {
    const client = new Anthropic({ baseURL: ocp.url, apiKey: request.key ?? 'none', maxRetries: 0 });
    const body = bodyOf(request);
    const options = { headers: request.headers ?? {} };
    if (!request.stream) return answerOf(await client.messages.create({ ...body, stream: false }, options));
    const stream = client.messages.stream(body, options);
    const text: string[] = [];
    const calls = new Slots(() => [] as string[]);
    for await (const event of stream) {
      if (event.type === 'content_block_start' && event.content_block.type === 'tool_use') calls.at(event.index);
      if (event.type !== 'content_block_delta') continue;
      if (event.delta.type === 'text_delta') text.push(event.delta.text);
      if (event.delta.type === 'input_json_delta') calls.at(event.index).push(event.delta.partial_json);
    }
    return answerOf(await stream.finalMessage(), { text, calls: calls.all() });
  },
};

function bodyOf(request: Request): Omit<Params, 'stream'> {
  const { choice, schema, effort } = request;
  const tools = offered(request.tools, choice);
  const config = { ...(effort === undefined ? {} : { effort }), ...formatOf(schema) };
  return {
    model: request.model ?? 'sonnet',
    max_tokens: 4096,
    messages: request.entries.map(message),
    ...(request.system === undefined ? {} : { system: request.system }),
    ...(tools === undefined
      ? {}
      : {
          tools: tools.map(({ schema: input, ...tool }) => ({ ...tool, input_schema: { ...input, type: 'object' } })),
        }),
    ...(choice === undefined && request.parallel === undefined ? {} : { tool_choice: toolChoice(request) }),
    ...(Object.keys(config).length === 0 ? {} : { output_config: config }),
    ...request.extra,
  };
}

function formatOf(schema: Request['schema']): Anthropic.OutputConfig {
  return schema === undefined ? {} : { format: { type: 'json_schema', schema: { ...schema } } };
}

function offered(tools: readonly ToolSpec[] | undefined, choice: Choice | undefined): readonly ToolSpec[] | undefined {
  if (choice === undefined || typeof choice === 'string' || 'tool' in choice) return tools;
  return tools?.filter(({ name }) => choice.allowed.includes(name));
}

function toolChoice({ choice = 'auto', parallel }: Request): Anthropic.ToolChoice {
  const single = parallel === false ? { disable_parallel_tool_use: true } : {};
  if (choice === 'none') return { type: 'none' };
  if (typeof choice === 'object' && 'tool' in choice) return { type: 'tool', name: choice.tool, ...single };
  const isForced = choice === 'required' || (typeof choice === 'object' && choice.mode === 'required');
  return { type: isForced ? 'any' : 'auto', ...single };
}

function message(entry: Entry): Anthropic.MessageParam {
  switch (entry.kind) {
    case 'user':
      return { role: 'user', content: parts(entry.content) };
    case 'answer':
      return { role: 'assistant', content: entry.answer.native as Anthropic.ContentBlockParam[] };
    case 'results':
      return {
        role: 'user',
        content: entry.results.map(({ id, content, isError }) => ({
          type: 'tool_result',
          tool_use_id: id,
          content: parts(content),
          ...(isError === undefined ? {} : { is_error: isError }),
        })),
      };
  }
}

function parts(content: string | readonly Part[]): string | MediaParam[] {
  if (typeof content === 'string') return content;
  return content.map((part): MediaParam => {
    if ('text' in part) return { type: 'text', text: part.text };
    if ('pdf' in part) {
      return { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: part.pdf } };
    }
    const [, mediaType, data] = /^data:([^;]+);base64,(.*)$/u.exec(part.image) ?? [];
    if (data === undefined) return { type: 'image', source: { type: 'url', url: part.image } };
    return { type: 'image', source: { type: 'base64', media_type: mediaType as 'image/png', data } };
  });
}

function answerOf(
  whole: Anthropic.Message,
  pieces: { readonly text: readonly string[]; readonly calls: readonly (readonly string[])[] } = {
    text: [],
    calls: [],
  },
): Answer {
  const { content, usage } = whole;
  const stops = { end_turn: 'end', tool_use: 'calls', max_tokens: 'length', refusal: 'refusal' } as const;
  const stop = stops[whole.stop_reason as keyof typeof stops] as (typeof stops)[keyof typeof stops] | undefined;
  assert.ok(stop !== undefined, `stop reason ${whole.stop_reason}`);
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const cached = usage.cache_read_input_tokens ?? 0;
  return {
    text,
    textPieces: pieces.text,
    reasoning: content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
    refusal: stop === 'refusal' ? text : '',
    calls: content
      .flatMap((block) => (block.type === 'tool_use' ? [block] : []))
      .map((call, index) => ({
        id: call.id,
        name: call.name,
        json: JSON.stringify(call.input),
        pieces: pieces.calls[index] ?? [],
      })),
    stop,
    promptTokens: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
    cachedTokens: cached,
    native: content,
  };
}
