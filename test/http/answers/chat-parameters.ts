import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import type OpenAI from 'openai';
import { BadRequestError } from 'openai';
import type { Ocp } from '../../support/ocp.ts';
import { sharedOcp } from '../../support/shared-ocp.ts';
import { clientOf, lastSent, post, question, script } from '../chat-support.ts';

suite('parameters of a chat request', () => {
  let ocp: Ocp;
  let client: OpenAI;

  before(async () => {
    ocp = await sharedOcp();
    client = clientOf(ocp);
  });

  test('the effort is passed on, and lasts for its own request only', async () => {
    for (const [asked, sent] of [
      ['low', 'low'],
      ['minimal', 'low'],
      ['xhigh', 'xhigh'],
    ] as const) {
      script(ocp, { reply: 'ok' });
      await client.chat.completions.create(question('go', { reasoning_effort: asked }));
      assert.equal(lastSent(ocp).output_config?.effort, sent);
    }
    script(ocp, { reply: 'ok' });
    await client.chat.completions.create(question('go'));
    const usual = lastSent(ocp);
    assert.deepEqual(
      [usual.output_config?.effort, usual.thinking],
      [undefined, undefined],
      'nothing asked, nothing sent',
    );

    script(ocp, { reply: 'ok' });
    await client.chat.completions.create(question('go', { reasoning_effort: 'none' }));
    assert.ok(
      ['disabled', 'between_tools', undefined].includes(lastSent(ocp).thinking?.type),
      JSON.stringify(lastSent(ocp).thinking),
    );
  });

  test('what has no effect is taken and named in a header, whole and streamed', async () => {
    const knobs = { temperature: 0.2, top_p: 0.5, seed: 7, presence_penalty: 1, frequency_penalty: 1 };
    for (const stream of [false, true]) {
      script(ocp, { reply: 'ok' });
      const response = await post(ocp, question('go', { ...knobs, logit_bias: { '1': 2 }, stream }));
      assert.equal(response.status, 200);
      await response.text();
      const named = (response.headers.get('x-ocp-ignored') ?? '').split(', ');
      assert.deepEqual(named.toSorted(), [...Object.keys(knobs), 'logit_bias'].toSorted());
    }
    const plain = await post(ocp, question('go', { user: 'u', metadata: { a: 'b' }, n: 1, top_p: 1 }));
    await plain.text();
    assert.equal(plain.headers.get('x-ocp-ignored'), null);
  });

  const refused = [
    ['n', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['audio', { audio: { voice: 'alloy', format: 'mp3' } }],
    ['modalities', { modalities: ['text', 'audio'] }],
  ] as const;
  for (const [param, fields] of refused) {
    test(`${param} would change the answer: 400 that names it, without a call`, async () => {
      script(ocp);
      const body = question('go', fields as object) as OpenAI.ChatCompletionCreateParamsNonStreaming;
      await assert.rejects(client.chat.completions.create(body), (error) => {
        assert.ok(error instanceof BadRequestError);
        assert.deepEqual([error.code, error.param], ['unsupported_parameter', param]);
        assert.match(error.message, new RegExp(`'${param}'`, 'u'));
        return true;
      });
      assert.equal(ocp.simulator.log.all.length, 0);
    });
  }
});
