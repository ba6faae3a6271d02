import assert from 'node:assert/strict';
import OpenAI from 'openai';
import type { Answer, Choice, Driver, Entry, Part, Request } from './driver.ts';
import { Slots } from './driver.ts';

type Response = OpenAI.Responses.Response;
type InputContent = OpenAI.Responses.ResponseInputContent;

/** Responses through the `openai` package, the whole conversation in each request, nothing stored. */
export const responses: Driver = {
  name: 'responses',
  async ask(ocp, request) {
    const client = new OpenAI({ baseURL: `${ocp.url}/v1`, apiKey: request.key ?? 'none', maxRetries: 0 });
    const body = bodyOf(request);
    const options = { headers: request.headers ?? {} };
    if (request.stream) return collect(await client.responses.create({ ...body, stream: true }, options));
    const response = await client.responses.create({ ...body, stream: false }, options);
    return answerOf(response, { text: [], calls: [] });
  },
};

function bodyOf(request: Request): Omit<OpenAI.Responses.ResponseCreateParams, 'stream'> {
  const { tools, choice, schema } = request;
  return {
    model: request.model ?? 'sonnet',
    store: false,
    input: request.entries.flatMap(items),
    ...(request.system === undefined ? {} : { instructions: request.system }),
    ...(tools === undefined
      ? {}
      : {
          tools: tools.map((tool) => ({
            type: 'function' as const,
            strict: false,
            name: tool.name,
            parameters: tool.schema,
            ...(tool.description === undefined ? {} : { description: tool.description }),
          })),
        }),
    ...(choice === undefined ? {} : { tool_choice: toolChoice(choice) }),
    ...(request.parallel === undefined ? {} : { parallel_tool_calls: request.parallel }),
    ...(schema === undefined
      ? {}
      : { text: { format: { type: 'json_schema', name: 'answer', strict: true, schema } } }),
    ...(request.effort === undefined
      ? {}
      : { reasoning: { effort: request.effort, summary: 'auto' }, include: ['reasoning.encrypted_content'] }),
    ...request.extra,
  };
}

function items(entry: Entry): OpenAI.Responses.ResponseInputItem[] {
  switch (entry.kind) {
    case 'user':
      return [{ role: 'user', content: parts(entry.content) }];
    case 'answer':
      return entry.answer.native as OpenAI.Responses.ResponseInputItem[];
    case 'results':
      return entry.results.map(({ id, content }) => ({
        type: 'function_call_output',
        call_id: id,
        output: parts(content) as string,
      }));
  }
}

function parts(content: string | readonly Part[]): string | InputContent[] {
  if (typeof content === 'string') return content;
  return content.map((part): InputContent => {
    if ('text' in part) return { type: 'input_text', text: part.text };
    if ('image' in part) return { type: 'input_image', detail: 'auto', image_url: part.image };
    return { type: 'input_file', filename: 'paper.pdf', file_data: `data:application/pdf;base64,${part.pdf}` };
  });
}

function toolChoice(choice: Choice): NonNullable<OpenAI.Responses.ResponseCreateParams['tool_choice']> {
  if (typeof choice === 'string') return choice;
  if ('tool' in choice) return { type: 'function', name: choice.tool };
  const tools = choice.allowed.map((name) => ({ type: 'function', name }));
  return { type: 'allowed_tools', mode: choice.mode, tools };
}

interface Pieces {
  readonly text: readonly string[];
  readonly calls: readonly (readonly string[])[];
}

async function collect(stream: AsyncIterable<OpenAI.Responses.ResponseStreamEvent>): Promise<Answer> {
  const text: string[] = [];
  const calls = new Slots(() => [] as string[]);
  const done: OpenAI.Responses.ResponseOutputItem[] = [];
  let whole: Response | undefined;
  let sequence = 0;
  for await (const event of stream) {
    assert.equal(event.sequence_number, sequence);
    sequence += 1;
    assert.equal(whole, undefined, 'nothing follows the end');
    switch (event.type) {
      case 'response.output_text.delta':
        text.push(event.delta);
        break;
      case 'response.output_item.added':
        if (event.item.type === 'function_call') calls.at(event.output_index);
        break;
      case 'response.function_call_arguments.delta':
        calls.at(event.output_index).push(event.delta);
        break;
      case 'response.output_item.done':
        done.push(event.item);
        break;
      case 'response.completed':
      case 'response.incomplete':
        whole = event.response;
        break;
      case 'response.failed':
        throw new Error(event.response.error?.message);
      default:
        break;
    }
  }
  assert.ok(whole !== undefined, 'the stream has an end');
  assert.deepEqual(done, whole.output, 'every item is told when it is done');
  return answerOf(whole, { text, calls: calls.all() });
}

function answerOf(response: Response, pieces: Pieces): Answer {
  const { output, usage } = response;
  assert.ok(usage !== undefined, 'the usage is told');
  const content = output.flatMap((item) => (item.type === 'message' ? item.content : []));
  const calls = output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
  const refusal = content.map((part) => (part.type === 'refusal' ? part.refusal : '')).join('');
  return {
    text: content.map((part) => (part.type === 'output_text' ? part.text : '')).join(''),
    textPieces: pieces.text,
    reasoning: output
      .flatMap((item) => (item.type === 'reasoning' ? item.summary : []))
      .map((part) => part.text)
      .join(''),
    refusal,
    calls: calls.map((call, index) => ({
      id: call.call_id,
      name: call.name,
      json: call.arguments,
      pieces: pieces.calls[index] ?? [],
    })),
    stop: stopOf(response, refusal !== '', calls.length > 0),
    promptTokens: usage.input_tokens,
    cachedTokens: usage.input_tokens_details.cached_tokens,
    native: output,
  };
}

function stopOf(response: Response, isRefused: boolean, hasCalls: boolean): Answer['stop'] {
  if (response.status === 'incomplete') {
    return response.incomplete_details?.reason === 'content_filter' ? 'refusal' : 'length';
  }
  assert.equal(response.status, 'completed');
  if (isRefused) return 'refusal';
  return hasCalls ? 'calls' : 'end';
}
