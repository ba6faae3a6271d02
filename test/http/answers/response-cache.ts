import assert from 'node:assert/strict';
import { before, beforeEach, suite, test } from 'node:test';
import OpenAI from 'openai';
import { errorAnswer, textAnswer } from '../../../simulator/index.ts';
import type { Ocp } from '../../support/ocp.ts';
import { sharedOcp } from '../../support/shared-ocp.ts';

const ADMIN = 'an-admin-key-for-the-tests';

suite('the response cache', () => {
  let ocp: Ocp;
  let client: OpenAI;
  before(async () => {
    ocp = await sharedOcp({
      env: {
        CLAUDE_CACHE_TTL: '60000',
        CLAUDE_AUTH_MODE: 'multi',
        PROXY_ANONYMOUS_KEY: 'ocp_public_anon',
        OCP_ADMIN_KEY: ADMIN,
      },
    });
    client = new OpenAI({ baseURL: `${ocp.url}/v1`, apiKey: 'none', maxRetries: 0 });
  });
  beforeEach(() => ocp.simulator.log.clear());

  const say = (content: string, more: object = {}): OpenAI.ChatCompletionCreateParamsNonStreaming => ({
    model: 'sonnet',
    messages: [{ role: 'user', content }],
    ...more,
  });
  const calls = (): number => ocp.simulator.log.messages().length;
  const pieces = async (request: OpenAI.ChatCompletionCreateParamsNonStreaming): Promise<string[]> => {
    const stream = await client.chat.completions.create({ ...request, stream: true });
    const seen: string[] = [];
    for await (const chunk of stream) {
      const text = chunk.choices[0]?.delta.content;
      if (text !== undefined && text !== null && text !== '') seen.push(text);
    }
    return seen;
  };

  test('answers the same request again without a call, in pieces of 80 characters where it is streamed', async () => {
    ocp.simulator.setScript([{ reply: textAnswer(['x'.repeat(100), 'y'.repeat(100)]) }]);
    const first = await client.chat.completions.create(say('again'));
    const second = await client.chat.completions.create(say('again'));
    assert.equal(second.choices[0]?.message.content, first.choices[0]?.message.content);
    assert.deepEqual(
      (await pieces(say('again'))).map((piece) => piece.length),
      [80, 80, 40],
    );
    assert.equal(calls(), 1);
  });

  test('keeps apart what differs in owner, sampling or prompt, and stays out of sessions and of cache_control', async () => {
    ocp.simulator.setScript([{ reply: textAnswer(['hello']) }]);
    await client.chat.completions.create(say('apart'));
    await client.chat.completions.create(say('apart', { temperature: 1 }));
    const stranger = new OpenAI({ baseURL: `${ocp.url}/v1`, apiKey: 'ocp_public_anon', maxRetries: 0 });
    await stranger.chat.completions.create(say('apart'));
    assert.equal(calls(), 3);
    for (let time = 0; time < 2; time += 1) {
      await client.chat.completions.create(say('apart', { session_id: `s${time}` }));
      const marked = [{ role: 'user', content: 'apart', cache_control: { type: 'ephemeral' } }];
      await client.chat.completions.create(say('', { messages: marked }));
    }
    assert.equal(calls(), 7);
  });

  test('never keeps an error or an answer that was cut', async () => {
    ocp.simulator.setScript([{ times: 1, reply: errorAnswer(403) }, { reply: textAnswer(['fine']) }]);
    await assert.rejects(client.chat.completions.create(say('error first')));
    assert.equal((await client.chat.completions.create(say('error first'))).choices[0]?.message.content, 'fine');
    ocp.simulator.log.clear();
    ocp.simulator.setScript([{ reply: textAnswer(['one ', 'two ', 'three ', 'four ', 'five ']) }]);
    const short = say('cut', { max_tokens: 2 });
    assert.equal((await client.chat.completions.create(short)).choices[0]?.finish_reason, 'length');
    const before = calls();
    assert.equal((await client.chat.completions.create(short)).choices[0]?.finish_reason, 'length');
    assert.ok(calls() > before, 'the second answer is made anew');
  });

  test('identical requests share one answer in the making, also when the first of them leaves', async () => {
    ocp.simulator.setScript([{ reply: textAnswer(['a', 'b', 'c', 'd'], { tokenDelayMs: 100 }) }]);
    const leaving = new AbortController();
    const leader = client.chat.completions.create({ ...say('shared'), stream: true }, { signal: leaving.signal });
    const reading = (await leader)[Symbol.asyncIterator]();
    await reading.next();
    const followers = [pieces(say('shared')), pieces(say('shared')), client.chat.completions.create(say('shared'))];
    leaving.abort();
    const [one, two, whole] = await Promise.all(followers);
    assert.equal((one as string[]).join(''), 'abcd');
    assert.equal((two as string[]).join(''), 'abcd');
    assert.equal((whole as OpenAI.ChatCompletion).choices[0]?.message.content, 'abcd');
    assert.equal(calls(), 1);
    assert.equal(ocp.simulator.log.messages()[0]?.outcome, 'completed');
  });

  test('shows what it holds to the admin, and forgets it when told to', async () => {
    ocp.simulator.setScript([{ reply: textAnswer(['held']) }]);
    await client.chat.completions.create(say('held'));
    await client.chat.completions.create(say('held'));
    const headers = { authorization: `Bearer ${ADMIN}` };
    const stats = (await (await fetch(`${ocp.url}/cache/stats`, { headers })).json()) as Record<string, number>;
    assert.ok((stats['entries'] ?? 0) > 0 && (stats['totalHits'] ?? 0) > 0 && (stats['sizeBytes'] ?? 0) > 0);
    assert.deepEqual([stats['inflight'], stats['requesters']], [0, 0]);
    const cleared = await (await fetch(`${ocp.url}/cache`, { method: 'DELETE', headers })).json();
    assert.deepEqual(cleared, { cleared: stats['entries'] });
    ocp.simulator.log.clear();
    await client.chat.completions.create(say('held'));
    assert.equal(calls(), 1);
  });

  test('when everybody leaves, the answer in the making ends upstream', async () => {
    ocp.simulator.setScript([{ reply: textAnswer(['a', 'b', 'c', 'd'], { tokenDelayMs: 2000 }) }]);
    const leaving = new AbortController();
    const stream = await client.chat.completions.create({ ...say('left'), stream: true }, { signal: leaving.signal });
    await stream[Symbol.asyncIterator]().next();
    leaving.abort();
    await ocp.simulator.log.waitFor((record) => record.outcome === 'client_closed', { timeoutMs: 1500 });
  });
});
