import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import * as fc from 'fast-check';
import type { Endpoint } from '../../src/http/body/translate.ts';
import { Translator } from '../../src/http/body/translator.ts';
import { OcpError } from '../../src/wire/errors.ts';

const small = new Translator({ maxBytes: 1_000_000 });
const large = new Translator({ maxBytes: 1_000_000, small: { bytes: 0, values: 0 } });

async function translated(by: Translator, endpoint: Endpoint, body: string): Promise<unknown> {
  try {
    return await by.translate({
      endpoint,
      received: { bytes: Buffer.from(body), values: 1 },
      headers: { 'x-session-id': 'a conversation' },
      context: { replyId: 'AAAAAAAAAAAAAAAAAAAAAAAA' },
      owner: 'somebody',
      signal: new AbortController().signal,
      findKept: ({ previousResponseId, itemIds }) => ({
        previous:
          previousResponseId === 'resp_kept' ? '[{"type":"message","role":"user","content":"kept"}]' : undefined,
        items: JSON.stringify(itemIds.map((id) => ({ type: 'message', role: 'user', content: 'item', id }))),
      }),
    });
  } catch (error) {
    if (!(error instanceof OcpError)) throw error;
    const { code, message, param } = error;
    return { code, message, param };
  }
}

const said = fc.string({ unit: 'binary', maxLength: 20 });
const part = fc.oneof(
  fc.record({ type: fc.constant('text'), text: said }),
  fc.constant({ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }),
);
const tools = fc.constantFrom(undefined, [
  {
    type: 'function',
    function: { name: 'größer', parameters: { type: 'object', properties: { a: { type: 'number' } } } },
  },
]);
const chat = fc.record(
  {
    model: fc.constant('sonnet'),
    messages: fc.array(
      fc.oneof(
        fc.record({ role: fc.constant('user'), content: fc.oneof(said, fc.array(part, { maxLength: 3 })) }),
        fc.record({ role: fc.constantFrom('assistant', 'system', 'robot'), content: said }),
      ),
      { maxLength: 6 },
    ),
    tools,
    tool_choice: fc.constantFrom('auto', 'required', 'none'),
    stop: fc.array(said, { maxLength: 2 }),
    response_format: fc.constantFrom(undefined, {
      type: 'json_schema',
      json_schema: { name: 'n', schema: { type: 'array', items: { type: 'string' } } },
    }),
    temperature: fc.double(),
    stream: fc.boolean(),
  },
  { requiredKeys: ['model', 'messages'] },
);
const responses = fc.record(
  {
    model: fc.constant('sonnet'),
    input: fc.oneof(said, fc.array(fc.record({ role: fc.constantFrom('user', 'assistant'), content: said }))),
    instructions: said,
    previous_response_id: fc.constantFrom('resp_kept', 'resp_gone'),
    store: fc.boolean(),
  },
  { requiredKeys: ['model', 'input'] },
);

suite('a large body, translated in a thread', () => {
  before(async () => {
    await translated(large, 'openai-chat', '{}');
  });
  after(() => {
    small.close();
    large.close();
  });

  for (const [endpoint, bodies] of [
    ['openai-chat', chat],
    ['openai-responses', responses],
    ['anthropic-messages', chat],
    ['count-tokens', chat],
  ] as const) {
    test(`becomes what a small one becomes, errors included: ${endpoint}`, async () => {
      await fc.assert(
        fc.asyncProperty(bodies, async (body) => {
          const text = JSON.stringify(body);
          const [here, there] = [await translated(small, endpoint, text), await translated(large, endpoint, text)];
          assert.deepEqual(plain(there), plain(here));
        }),
        { numRuns: 60 },
      );
    });
  }

  test('that is not JSON, or none at all, fails as a small one does', async () => {
    for (const body of ['', '{', '\ufeff{}', '[1,]', '{"model":"\\ud800"}']) {
      assert.deepEqual(await translated(large, 'openai-chat', body), await translated(small, 'openai-chat', body));
    }
  });

  test('leaves the thread ready for the next, also after a failure, and starts another when it is lost', async () => {
    const body = JSON.stringify({ model: 'sonnet', messages: [{ role: 'user', content: 'hi' }] });
    const all = Array.from({ length: 20 }, async (_, index) =>
      translated(large, 'openai-chat', index % 2 ? '{' : body),
    );
    const results = await Promise.all(all);
    large.close();
    assert.deepEqual(plain(await translated(large, 'openai-chat', body)), plain(results[0]));
  });

  test('is not begun for a client that has gone', async () => {
    const gone = AbortSignal.abort(new Error('gone'));
    const input = { endpoint: 'openai-chat', headers: {}, context: { replyId: 'A' }, owner: 'a' } as const;
    const body = { received: { bytes: Buffer.from('{}'), values: 1 }, signal: gone };
    await assert.rejects(large.translate({ ...input, ...body }), /gone/u);
  });
});

/** Bytes come back from a thread as plain arrays of them. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (value instanceof Uint32Array) return [...value];
  if (value instanceof Map) return [...value].map(plain);
  if (value instanceof Set) return [...value].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
