import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import type OpenAI from 'openai';
import type { Ocp } from '../../support/ocp.ts';
import { sharedOcp } from '../../support/shared-ocp.ts';
import { conversationOf, errorOf, lastSent, post, question, script } from '../chat-support.ts';

const env = { CLAUDE_MAX_PROMPT_CHARS: '10000' };

suite('a prompt over the operator’s limit', () => {
  let ocp: Ocp;

  before(async () => {
    ocp = await sharedOcp({ env });
  });

  test('is refused in the words by which clients know to compact, without a call', async () => {
    script(ocp);
    const response = await post(ocp, question('x'.repeat(10_001)));
    assert.equal(response.status, 400);
    const error = await errorOf(response);
    assert.deepEqual([error.code, error.param], ['context_length_exceeded', 'messages']);
    const [, tokens, maximum] = /^prompt is too long: (\d+) tokens > (\d+) maximum$/u.exec(error.message) ?? [];
    assert.ok(Number(tokens) > Number(maximum) && Number(maximum) > 1000, error.message);
    assert.deepEqual(ocp.simulator.log.messages(), []);
  });

  test('counts the system prompt, and up to the limit all is well', async () => {
    script(ocp, { reply: 'ok' });
    const system = { role: 'system', content: 's'.repeat(5000) } as const;
    const body = (length: number): object => ({
      model: 'sonnet',
      messages: [system, { role: 'user', content: 'x'.repeat(length) }],
    });
    assert.equal((await post(ocp, body(5001))).status, 400);
    const fits = await post(ocp, body(5000));
    assert.equal(fits.status, 200, await fits.text());
    assert.equal(fits.headers.get('x-ocp-truncated'), null);
  });
});

suite('with OCP_TRUNCATE=oldest', () => {
  let ocp: Ocp;

  before(async () => {
    ocp = await sharedOcp({ env: { ...env, OCP_TRUNCATE: 'oldest' } });
  });

  for (const stream of [false, true]) {
    test(`the oldest messages are left out, and a header says so, ${stream ? 'streamed' : 'whole'}`, async () => {
      script(ocp, { reply: 'ok' });
      const messages: OpenAI.ChatCompletionMessageParam[] = [
        { role: 'system', content: 'Keep me.' },
        { role: 'user', content: `OLDEST ${'x'.repeat(6000)}` },
        { role: 'assistant', content: 'first answer' },
        { role: 'user', content: `second ${'y'.repeat(4000)}` },
        { role: 'assistant', content: 'second answer' },
        { role: 'user', content: 'third' },
      ];
      const response = await post(ocp, { model: 'sonnet', messages, stream });
      assert.equal(response.status, 200, await response.text());
      assert.match(response.headers.get('x-ocp-truncated') ?? '', /^2 /u);
      const sent = lastSent(ocp);
      assert.doesNotMatch(JSON.stringify(sent), /OLDEST|first answer/u);
      assert.match(JSON.stringify(sent.system), /Keep me\./u);
      assert.deepEqual(
        conversationOf(sent).map(({ role }) => role),
        ['user', 'assistant', 'user'],
      );
    });
  }

  test('a newest message that alone is too long is refused all the same', async () => {
    script(ocp);
    const response = await post(ocp, question('x'.repeat(10_001)));
    assert.equal(response.status, 400);
    assert.equal((await errorOf(response)).code, 'context_length_exceeded');
    assert.deepEqual(ocp.simulator.log.messages(), []);
  });
});
