import assert from 'node:assert/strict';
import { z } from 'zod';

/** What Open Responses' schema of a response (ResponseResource) requires, as far as OCP's answers can hold it. */

const part = z.looseObject({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.unknown()),
  logprobs: z.array(z.unknown()),
});
const status = z.enum(['in_progress', 'completed', 'incomplete']);
const item = z.union([
  z.looseObject({
    type: z.literal('message'),
    id: z.string(),
    status,
    role: z.literal('assistant'),
    content: z.array(part),
  }),
  z.looseObject({
    type: z.literal('function_call'),
    id: z.string(),
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
    status,
  }),
  z.looseObject({ type: z.literal('reasoning'), id: z.string(), summary: z.array(z.unknown()) }),
]);
const usage = z.looseObject({
  input_tokens: z.int(),
  input_tokens_details: z.looseObject({ cached_tokens: z.int() }),
  output_tokens: z.int(),
  output_tokens_details: z.looseObject({ reasoning_tokens: z.int() }),
  total_tokens: z.int(),
});
const resource = z.looseObject({
  id: z.string(),
  object: z.literal('response'),
  created_at: z.int(),
  completed_at: z.int().nullable(),
  status: z.string(),
  incomplete_details: z.looseObject({ reason: z.string() }).nullable(),
  model: z.string(),
  previous_response_id: z.string().nullable(),
  instructions: z.union([z.string(), z.array(z.unknown())]).nullable(),
  output: z.array(item),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
  tools: z.array(z.looseObject({ type: z.string() })),
  tool_choice: z.union([z.string(), z.looseObject({ type: z.string() })]),
  truncation: z.enum(['auto', 'disabled']),
  parallel_tool_calls: z.boolean(),
  text: z.looseObject({ format: z.looseObject({ type: z.string() }) }),
  top_p: z.number(),
  presence_penalty: z.number(),
  frequency_penalty: z.number(),
  top_logprobs: z.int(),
  temperature: z.number(),
  reasoning: z.looseObject({ effort: z.string().nullable(), summary: z.string().nullable() }).nullable(),
  user: z.string().nullable(),
  usage: usage.nullable(),
  max_output_tokens: z.int().nullable(),
  max_tool_calls: z.int().nullable(),
  store: z.boolean(),
  background: z.boolean(),
  service_tier: z.string(),
  metadata: z.record(z.string(), z.string()),
  safety_identifier: z.string().nullable(),
  prompt_cache_key: z.string().nullable(),
});

/** Asserts that a body is a response, and returns it. */
export function assertResponse(body: unknown): z.infer<typeof resource> {
  const parsed = resource.safeParse(body);
  assert.ok(parsed.success, parsed.error?.message);
  return parsed.data;
}

type Event = z.infer<typeof event>;
const event = z.looseObject({ type: z.string(), sequence_number: z.int(), delta: z.string().optional() });

/** The events of a stream; each must say its type twice, as the specification wants. */
export function readEvents(stream: string): readonly Event[] {
  const frames = stream.split('\n\n').filter((frame) => /^data: \{/m.test(frame));
  return frames.map((frame) => {
    const read = event.parse(JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? ''));
    assert.equal(/^event: (.*)$/m.exec(frame)?.[1], read.type);
    return read;
  });
}

/** Asserts that a stream begins with its response, ends with it completed, and streams the text that it ends with. */
export function assertStream(events: readonly Event[]): void {
  assert.deepEqual(
    events.slice(0, 2).map(({ type }) => type),
    ['response.created', 'response.in_progress'],
  );
  assert.equal(events.at(-1)?.type, 'response.completed');
  const numbers = events.map((each) => each.sequence_number);
  assert.deepEqual(
    numbers,
    numbers.toSorted((one, other) => one - other),
  );
  assert.equal(new Set(numbers).size, numbers.length);
  const last = assertResponse(events.at(-1)?.['response']);
  assert.equal(last.status, 'completed');
  const deltas = events.flatMap(({ type, delta }) => (type === 'response.output_text.delta' ? [delta] : []));
  const texts = last.output.flatMap((each) => (each.type === 'message' ? each.content : []));
  assert.ok(deltas.length > 0);
  assert.equal(deltas.join(''), texts.map((each) => (each as { text: string }).text).join(''));
}
