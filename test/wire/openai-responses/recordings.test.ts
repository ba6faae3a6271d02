import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAiResponses } from '../../../src/wire/openai-responses/surface.ts';
import { areRecordingsAbsent, recordings } from '../../support/recordings.ts';

/** How often each type occurs in a request or in what it became. */
function count(value: unknown, type: string): number {
  return JSON.stringify(value).split(`"type":"${type}"`).length - 1;
}

test('every recorded request of a real client is understood', { skip: areRecordingsAbsent }, async (t) => {
  for (const { name, body } of recordings('/v1/responses')) {
    await t.test(name, () => {
      const { input } = body;
      const { request, stream, ignored, reply } = openAiResponses.parse(body, {});
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
