import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import OpenAI from 'openai';
import { textAnswer } from '../../../simulator/index.ts';
import type { Ocp } from '../../support/ocp.ts';
import { sharedOcp } from '../../support/shared-ocp.ts';

suite('chat completions through the openai package', () => {
  let ocp: Ocp;
  let client: OpenAI;

  before(async () => {
    ocp = await sharedOcp();
    client = new OpenAI({ baseURL: `${ocp.url}/v1`, apiKey: 'none', maxRetries: 0 });
  });

  test('streams the words as they come, then the finish reason, the usage and the end', async () => {
    ocp.simulator.setScript([{ reply: textAnswer(['Hel', 'lo ', 'wörld 🌍']) }]);
    const stream = await client.chat.completions.create({
      model: 'sonnet',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'Hello' }],
    });
    const pieces: string[] = [];
    let finish: string | null | undefined;
    let total = 0;
    for await (const chunk of stream) {
      const [choice] = chunk.choices;
      if (choice?.delta.content) pieces.push(choice.delta.content);
      finish = choice?.finish_reason ?? finish;
      total = chunk.usage?.total_tokens ?? total;
    }
    assert.deepEqual(pieces, ['Hel', 'lo ', 'wörld 🌍']);
    assert.equal(finish, 'stop');
    assert.ok(total > 3);
  });
});
