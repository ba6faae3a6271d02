import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOcp } from '../support/ocp.ts';
import { areRecordingsAbsent, recordings } from '../support/recordings.ts';

test('every recorded Responses request of a real client is answered', { skip: areRecordingsAbsent }, async (t) => {
  // One client was made to ask for a model of OpenAI; an operator gives such a name a meaning.
  await using ocp = await startOcp({ env: { OCP_MODEL_ALIASES: 'gpt-5.5=sonnet' } });
  for (const { name, body } of recordings('/v1/responses')) {
    await t.test(name, async () => {
      const response = await fetch(`${ocp.url}/v1/responses`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const answer = await response.text();
      assert.equal(response.status, 200, answer);
      if (body['stream'] === true) assert.match(answer, /\nevent: response\.completed\ndata: [^\n]+\n\n$/);
      else assert.equal((JSON.parse(answer) as { readonly status: string }).status, 'completed');
    });
  }
});
