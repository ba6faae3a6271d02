import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import type OpenAI from 'openai';
import type { Answer } from '../../../simulator/index.ts';
import { refusalAnswer, textAnswer, thinkingAnswer } from '../../../simulator/index.ts';
import type { Ocp } from '../../support/ocp.ts';
import { sharedOcp } from '../../support/shared-ocp.ts';
import { clientOf, lastSent, post, question, readSse, script, settled } from '../chat-support.ts';

suite('how an answer ends', () => {
  let ocp: Ocp;
  let client: OpenAI;

  before(async () => {
    ocp = await sharedOcp();
    client = clientOf(ocp);
  });

  interface Ending {
    readonly name: string;
    readonly reply: Answer;
    readonly fields?: object;
    readonly finish: string;
    readonly text: string;
    readonly isUsual?: true;
  }

  // After each of these the CLI, left alone, would call the API again and join a second answer to the first.
  const endings: readonly Ending[] = [
    { name: 'a refusal', reply: refusalAnswer('No.'), finish: 'content_filter', text: 'No.', isUsual: true },
    {
      name: 'a refusal without a word',
      reply: textAnswer([], { stopReason: 'refusal' }),
      finish: 'content_filter',
      text: '',
    },
    { name: 'an empty answer', reply: textAnswer([]), finish: 'stop', text: '', isUsual: true },
    { name: 'an answer of no block', reply: { kind: 'message', content: [] }, finish: 'stop', text: '' },
    {
      name: 'an answer cut by max_tokens',
      reply: textAnswer(['one ', 'two ', 'three ', 'four']),
      fields: { max_tokens: 2 },
      finish: 'length',
      text: 'one two ',
      isUsual: true,
    },
    {
      name: 'an answer cut while it thinks',
      reply: thinkingAnswer('a b c d e f', 'text'),
      fields: { max_completion_tokens: 2 },
      finish: 'length',
      text: '',
    },
    {
      name: 'a full context window',
      reply: textAnswer(['so ', 'far'], { stopReason: 'model_context_window_exceeded' }),
      finish: 'length',
      text: 'so far',
    },
  ];
  for (const ending of endings) {
    // Every one of these costs a worker, so that only the usual ones are asked for both ways.
    for (const stream of ending.isUsual === true ? [false, true] : [true]) {
      test(`${ending.name}, ${stream ? 'streamed' : 'whole'}, is the only one of its request`, async () => {
        // A further call can be on its way before the process is dead, but nothing may come of it.
        script(ocp, { reply: ending.reply, times: 1 }, { reply: { kind: 'silent' } });
        const response = await post(ocp, question('go', { stream, ...ending.fields }));
        const body = await response.text();
        assert.equal(response.status, 200, body);
        if (stream) {
          const sse = readSse(body);
          assert.ok(sse.isEnded);
          assert.equal(sse.chunks.at(-1)?.choices?.[0]?.finish_reason, ending.finish);
          assert.equal(sse.text, ending.text);
          assert.equal(sse.chunks.filter((chunk) => chunk.choices?.[0]?.finish_reason !== null).length, 1);
        } else {
          const completion = JSON.parse(body) as OpenAI.ChatCompletion;
          assert.equal(completion.choices[0]?.finish_reason, ending.finish);
          assert.equal(completion.choices[0].message.content, ending.text);
        }
        await settled(ocp);
        const calls = ocp.simulator.log.messages();
        assert.equal(calls.filter((call) => call.outcome === 'completed').length, 1);
        for (const call of calls.slice(1)) {
          await ocp.simulator.log.waitFor((record) => record.id === call.id && record.outcome === 'client_closed');
        }
        assert.ok(calls.length <= 2, `${calls.length} calls`);
      });
    }
  }

  test('the limit that the client sets is the one that the model gets, by any of its names', async () => {
    for (const fields of [
      { max_tokens: 77 },
      { max_completion_tokens: 77 },
      { max_completion_tokens: 77, max_tokens: 9 },
    ]) {
      script(ocp, { reply: 'ok' });
      await client.chat.completions.create(question('go', fields));
      assert.equal(lastSent(ocp).max_tokens, 77);
    }
    script(ocp, { reply: 'ok' });
    await client.chat.completions.create(question('go'));
    assert.ok(lastSent(ocp).max_tokens > 1000, 'a limit lasts for its own request only');
  });
});
