import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isObject } from '../../../src/wire/json.ts';
import { onePixel } from '../../support/recordings.ts';
import { openAiChat } from '../../../src/wire/openai-chat/surface.ts';

const folder = join(import.meta.dirname, '../../../../shared/client-recordings');
const absent = existsSync(folder) ? false : 'the recordings of real clients are not on this machine';

/** The recordings cut long strings; an image that was cut is mended, for only its form matters here. */
function mendImages(json: string): string {
  return json.replaceAll(
    /data:image\/[a-z]+;base64,(?:[^"]*…\[\d+ chars\]|iVBORw0KGgo=)/g,
    `data:image/png;base64,${onePixel}`,
  );
}

test(
  'every recorded chat request of a real client is read, with all its messages, tools and images',
  { skip: absent },
  () => {
    let read = 0;
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
      const recording: unknown = JSON.parse(mendImages(readFileSync(join(folder, file), 'utf8')));
      assert.ok(isObject(recording));
      if (recording['url'] !== '/v1/chat/completions') continue;
      const body = recording['body'];
      assert.ok(isObject(body) && Array.isArray(body['messages']), file);
      const { request, ignored } = openAiChat.parse(body, {});
      const sent = JSON.stringify(body['messages']);
      const kept = JSON.stringify(request.messages);
      assert.equal(count(kept, '"type":"image"'), count(sent, '"type":"image_url"'), file);
      assert.equal(count(kept, '"type":"tool_use"'), count(sent, '"arguments":'), file);
      assert.equal(count(kept, '"type":"tool_result"'), count(sent, '"role":"tool"'), file);
      assert.doesNotMatch(kept, /is_error|cache_control/, file);
      assert.equal(request.tools.length, Array.isArray(body['tools']) ? body['tools'].length : 0, file);
      assert.equal(request.messages.at(-1)?.role, 'user', file);
      const known = new Set(['temperature', 'messages.reasoning_content']);
      assert.deepEqual(
        ignored.filter((name) => !known.has(name)),
        [],
        file,
      );
      read += 1;
    }
    assert.ok(read >= 30, `only ${read} recordings were read`);
  },
);

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
