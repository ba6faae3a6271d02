import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import type OpenAI from 'openai';
import { textAnswer } from '../../../simulator/index.ts';
import type { Ocp } from '../../support/ocp.ts';
import { sharedOcp } from '../../support/shared-ocp.ts';
import { clientOf, conversationOf, lastSent, post, question, readSse, script } from '../chat-support.ts';

suite('stop sequences', () => {
  let ocp: Ocp;
  let client: OpenAI;

  before(async () => {
    ocp = await sharedOcp();
    client = clientOf(ocp);
  });

  /** An answer that never ends by itself: only a closed connection ends its request. */
  function endless(pieces: readonly string[]): void {
    const fault = { kind: 'stall', afterTokens: pieces.length } as const;
    script(ocp, { reply: textAnswer([...pieces, 'never'], { fault, tokenDelayMs: 2 }) });
  }

  for (const stream of [false, true]) {
    test(`a sequence split over chunks cuts exactly there and closes the request, ${stream ? 'streamed' : 'whole'}`, async () => {
      endless(['keep ', 'this E', 'N', 'X and EN', 'D not', ' this', ' more']);
      const response = await post(ocp, question('go', { stop: ['END'], stream }));
      const body = await response.text();
      if (stream) {
        const sse = readSse(body);
        assert.equal(sse.text, 'keep this ENX and ');
        assert.equal(sse.chunks.at(-1)?.choices?.[0]?.finish_reason, 'stop');
        assert.ok(sse.isEnded);
      } else {
        const [choice] = (JSON.parse(body) as OpenAI.ChatCompletion).choices;
        assert.equal(choice?.message.content, 'keep this ENX and ');
        assert.equal(choice.finish_reason, 'stop');
      }
      await ocp.simulator.log.waitFor((record) => record.outcome === 'client_closed');
      assert.equal(ocp.simulator.log.messages().length, 1);
    });
  }

  test('the first of several sequences counts, and text that only begins one is kept', async () => {
    script(ocp, { reply: textAnswer(['a#', 'b\n', '\nc', 'STOP']) });
    const several = await client.chat.completions.create(question('go', { stop: ['STOP', '\n\n'] }));
    assert.equal(several.choices[0]?.message.content, 'a#b');

    script(ocp, { reply: textAnswer(['a ST', 'O']) });
    const none = await client.chat.completions.create(question('go', { stop: 'STOP' }));
    assert.equal(none.choices[0]?.message.content, 'a STO');
  });

  test('the conversation goes on from the cut text, without the rest of the answer', async () => {
    endless(['one ', 'END', ' CANARY']);
    const first = await client.chat.completions.create(question('count', { stop: 'END' }));
    script(ocp, { reply: 'two' });
    await client.chat.completions.create({
      model: 'sonnet',
      messages: [
        { role: 'user', content: 'count' },
        { role: 'assistant', content: first.choices[0]?.message.content ?? null },
        { role: 'user', content: 'go on' },
      ],
    });
    assert.deepEqual(
      conversationOf(lastSent(ocp)).map(({ content }) => content[0]?.['text']),
      ['count', 'one ', 'go on'],
    );
    assert.doesNotMatch(JSON.stringify(lastSent(ocp)), /CANARY/u);
  });
});
