import assert from 'node:assert/strict';
import { test } from 'node:test';
import { script } from '../../http/chat-support.ts';
import type { Recording } from '../../support/recordings.ts';
import { areRecordingsAbsent, recordings } from '../../support/recordings.ts';
import { breakpoints, conformance, usual } from '../support.ts';

/** Recorded requests to one path, and how each of their answers ends. */
const paths: readonly (readonly [path: string, streamEnd: RegExp, whole: RegExp])[] = [
  ['/v1/chat/completions', /"finish_reason":"(?:stop|tool_calls)".*\n\ndata: \[DONE\]\n\n$/su, /^\{"id":"chatcmpl-/u],
  ['/v1/responses', /\nevent: response\.completed\ndata: [^\n]+\n\n$/u, /"status":"completed"/u],
  ['/v1/messages', /\nevent: message_stop\ndata: \{"type":"message_stop"\}\n\n$/u, /^\{"id":"msg_/u],
  ['/v1/messages/count_tokens', /^$/u, /^\{"input_tokens":\d+\}$/u],
];

/** Every recording instead of one of each client: some minutes instead of seconds (CONTRIBUTING.md). */
const isEachTried = process.env['OCP_TEST_ALL_RECORDINGS'] === '1';

// One client was made to ask for a model of OpenAI; an operator gives such a name a meaning.
const options = { ...usual, env: { OCP_MODEL_ALIASES: 'gpt-5.5=sonnet' } };

conformance('recorded requests of real clients', options, (ocp) => {
  for (const [path, streamEnd, whole] of paths) {
    const which = isEachTried ? 'each' : 'the longest of each client';
    test(`${which} to ${path} is answered`, { skip: areRecordingsAbsent }, async (t) => {
      script(ocp());
      const tried = isEachTried ? recordings(path) : longestOfEach(recordings(path));
      assert.ok(tried.length > 0);
      for (const recording of tried) {
        await t.test(recording.name, async () => {
          const response = await send(ocp().url, path, recording);
          const answer = await response.text();
          assert.equal(response.status, 200, answer);
          assert.match(answer, recording.body['stream'] === true ? streamEnd : whole);
        });
      }
      t.diagnostic(`${tried.length} recorded requests to ${path} answered`);
      for (const record of ocp().simulator.log.messages()) assert.ok(breakpoints(record) <= 4);
    });
  }

  test('their further requests have an answer too', async () => {
    const models = await fetch(`${ocp().url}/v1/models?limit=1000`);
    assert.equal(models.status, 200);
    assert.ok([200, 404].includes((await fetch(`${ocp().url}/api/hello`, { method: 'HEAD' })).status));
  });
});

/** Of each client the recording that says most: every other one is translated by the tests of its surface in test/wire. */
function longestOfEach(all: readonly Recording[]): readonly Recording[] {
  const longest = new Map<string, Recording>();
  const lengthOf = (recording: Recording | undefined): number => JSON.stringify(recording?.body ?? '').length;
  for (const recording of all) {
    const client = recording.name.replace(/-\d+\.json$/u, '');
    if (lengthOf(recording) > lengthOf(longest.get(client))) longest.set(client, recording);
  }
  return [...longest.values()];
}

async function send(url: string, path: string, { body, headers }: Recording): Promise<Response> {
  return fetch(`${url}${path}${headers['anthropic-beta'] === undefined ? '' : '?beta=true'}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'x-api-key': 'of-a-client' },
    body: JSON.stringify(body),
  });
}
