import assert from 'node:assert/strict';
import { test } from 'node:test';
import { script } from '../http/chat-support.ts';
import type { Recording } from '../support/recordings.ts';
import { areRecordingsAbsent, recordings } from '../support/recordings.ts';
import { breakpoints, conformance } from './support.ts';

/** Recorded requests to one path, and how each of their answers ends. Those of Responses are replayed by test/http. */
const paths: readonly (readonly [path: string, streamEnd: RegExp, whole: RegExp])[] = [
  ['/v1/chat/completions', /"finish_reason":"(?:stop|tool_calls)".*\n\ndata: \[DONE\]\n\n$/su, /^\{"id":"chatcmpl-/u],
  ['/v1/messages', /\nevent: message_stop\ndata: \{"type":"message_stop"\}\n\n$/u, /^\{"id":"msg_/u],
  ['/v1/messages/count_tokens', /^$/u, /^\{"input_tokens":\d+\}$/u],
];

conformance('recorded requests of real clients', {}, (ocp) => {
  for (const [path, streamEnd, whole] of paths) {
    test(`every one to ${path} is answered`, { skip: areRecordingsAbsent }, async (t) => {
      script(ocp());
      const all = recordings(path);
      assert.ok(all.length > 0);
      for (const recording of all) {
        await t.test(recording.name, async () => {
          const response = await send(ocp().url, path, recording);
          const answer = await response.text();
          assert.equal(response.status, 200, answer);
          assert.match(answer, recording.body['stream'] === true ? streamEnd : whole);
        });
      }
      for (const record of ocp().simulator.log.messages()) assert.ok(breakpoints(record) <= 4);
    });
  }

  test('their further requests have an answer too', async () => {
    const models = await fetch(`${ocp().url}/v1/models?limit=1000`);
    assert.equal(models.status, 200);
    assert.ok([200, 404].includes((await fetch(`${ocp().url}/api/hello`, { method: 'HEAD' })).status));
  });
});

async function send(url: string, path: string, { body, headers }: Recording): Promise<Response> {
  return fetch(`${url}${path}${headers['anthropic-beta'] === undefined ? '' : '?beta=true'}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'x-api-key': 'of-a-client' },
    body: JSON.stringify(body),
  });
}
