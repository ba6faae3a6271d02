import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isObject } from '../../../src/wire/json.ts';
import { openAiResponses } from '../../../src/wire/openai-responses/surface.ts';

/** Requests recorded from real clients; they lie beside the checkout and are not part of it. */
const folder = new URL('../../../../shared/client-recordings/', import.meta.url);

interface Recording {
  readonly name: string;
  readonly body: Record<string, unknown>;
}

function recordings(): Recording[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const recording: unknown = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
      if (!isObject(recording) || recording['url'] !== '/v1/responses' || !isObject(recording['body'])) return [];
      return [{ name, body: recording['body'] }];
    });
}

/** Recordings have long strings cut; of an image's bytes only the beginning would be left. */
function withWholeImages(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withWholeImages);
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withWholeImages(member)]));
  }
  const isCutImage = typeof value === 'string' && /^data:image.*…\[\d+ chars\]$/.test(value);
  return isCutImage ? 'data:image/png;base64,iVBORw0KGgo=' : value;
}

/** How often each type occurs in a request or in what it became. */
function count(value: unknown, type: string): number {
  return JSON.stringify(value).split(`"type":"${type}"`).length - 1;
}

test('every recorded request of a real client is understood', { skip: !existsSync(folder) }, async (t) => {
  for (const { name, body } of recordings()) {
    await t.test(name, () => {
      const { input } = body;
      const { request, stream, ignored, reply } = openAiResponses.parse({ ...body, input: withWholeImages(input) }, {});
      assert.equal(request.messages.at(-1)?.role, 'user');
      assert.equal(request.model, body['model']);
      assert.equal(stream, body['stream'] ?? false);
      assert.equal(reply.store, body['store'] ?? true);
      const calls = count(input, 'function_call') + count(input, 'custom_tool_call');
      assert.equal(count(request.messages, 'tool_use'), calls);
      assert.equal(count(request.messages, 'tool_result'), calls);
      assert.equal(JSON.stringify(request.messages).includes('is_error'), false);
      assert.equal(count(request.messages, 'image'), count(input, 'input_image'));
      const tools = body['tools'] ?? [];
      assert.equal(request.tools.length, count(tools, 'function') + count(tools, 'custom'));
      for (const hosted of ['web_search', 'tool_search']) {
        assert.equal(ignored.filter((field) => field.endsWith(`(${hosted})`)).length, count(tools, hosted));
      }
    });
  }
});
