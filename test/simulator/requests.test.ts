import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../../simulator/index.ts';
import { asking, client, model, post } from './support.ts';

const call = { type: 'tool_use', id: 'toolu_1', name: 'read', input: {} };
const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' };
const marked = { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } };
const tool = { name: 'read', input_schema: { type: 'object' } };

const refused: Readonly<Record<string, readonly [unknown, RegExp]>> = {
  'no messages': [{ model, max_tokens: 1 }, /messages: Field required/],
  'an empty list of messages': [{ model, max_tokens: 1, messages: [] }, /at least one message/],
  'an unknown role': [{ ...asking('a'), messages: [{ role: 'tool', content: 'a' }] }, /messages\.0\.role/],
  'an assistant first': [{ ...asking('a'), messages: [{ role: 'assistant', content: 'a' }] }, /first message/],
  'no max_tokens': [{ model, messages: asking('a').messages }, /max_tokens: Field required/],
  'an empty text': [asking([{ type: 'text', text: '' }]), /non-empty/],
  'a name that two tools have': [{ ...asking('a'), tools: [tool, tool] }, /unique/],
  'a fifth breakpoint': [
    {
      ...asking('a'),
      tools: [{ ...tool, cache_control: { type: 'ephemeral' } }],
      system: [marked, marked],
      messages: [{ role: 'user', content: [marked, marked] }],
    },
    /A maximum of 4 blocks with cache_control may be provided. Found 5/,
  ],
  'a result without its call': [{ ...asking('a'), messages: [{ role: 'user', content: [result] }] }, /unexpected/],
  'a call without its result': [
    {
      ...asking('a'),
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: [call] },
        { role: 'user', content: 'b' },
      ],
    },
    /without `tool_result` blocks immediately after: toolu_1/,
  ],
  'a body that is no object': [[], /JSON object/],
};

for (const [name, [body, message]] of Object.entries(refused)) {
  test(`${name} is refused with 400`, async () => {
    await using simulator = await startSimulator();
    const response = await post(simulator, body);
    const answer = await response.text();
    assert.equal(response.status, 400, answer);
    assert.match(answer, /"type":"error","error":\{"type":"invalid_request_error"/);
    assert.match(answer, message);
  });
}

test('four breakpoints, answered calls and results split over two user messages are accepted', async () => {
  await using simulator = await startSimulator();
  const second = { ...call, id: 'toolu_2' };
  const response = await post(simulator, {
    ...asking('a'),
    tools: [tool],
    system: [marked, marked],
    messages: [
      { role: 'user', content: [marked] },
      { role: 'assistant', content: [call, second] },
      { role: 'user', content: [result] },
      { role: 'user', content: [{ ...result, tool_use_id: 'toolu_2' }, marked] },
    ],
  });
  assert.equal(response.status, 200, await response.text());
});

test('tokens are counted without an answer, and models are listed and looked up', async () => {
  await using simulator = await startSimulator({ models: ['claude-a', 'claude-b'] });
  const api = client(simulator);
  const counted = await api.messages.countTokens({ model, messages: [{ role: 'user', content: 'x'.repeat(400) }] });
  assert.equal(counted.input_tokens, 100);
  const ids = (await api.models.list()).data.map((listed) => listed.id);
  assert.deepEqual(ids, ['claude-a', 'claude-b']);
  assert.equal((await api.models.retrieve('claude-b')).id, 'claude-b');
  await assert.rejects(api.models.retrieve('claude-c'), /404/);
});

test('whatever else is asked gets a 404 in the shape of the API, and stands in the log', async () => {
  await using simulator = await startSimulator();
  const response = await fetch(`${simulator.url}/api/claude_cli/bootstrap?x=1`);
  assert.equal(response.status, 404);
  assert.match(await response.text(), /not_found_error/);
  assert.equal((await fetch(`${simulator.url}/api/hello`, { method: 'HEAD' })).status, 200);
  assert.deepEqual(
    simulator.log.all.map(({ method, path, query, status }) => [method, path, query, status]),
    [
      ['GET', '/api/claude_cli/bootstrap', 'x=1', 404],
      ['HEAD', '/api/hello', '', 200],
    ],
  );
});

test('a subscription’s token gets the plan’s headers, and 429 once the plan is used up', async () => {
  await using simulator = await startSimulator({ now: () => 1_000_000_000_000 });
  const ask = (): Promise<Response> =>
    post(simulator, asking('hi'), { authorization: 'Bearer sk-ant-oat01-fake', 'x-api-key': '' });
  simulator.plan = {
    ...simulator.plan,
    status: 'allowed_warning',
    fiveHour: { utilization: 0.83, resetsAt: 1_000_000_600, status: 'allowed_warning' },
  };
  const allowed = await ask();
  assert.deepEqual(
    ['status', '5h-utilization', '5h-reset', '7d-status', 'representative-claim'].map((name) =>
      allowed.headers.get(`anthropic-ratelimit-unified-${name}`),
    ),
    ['allowed_warning', '0.83', '1000000600', 'allowed', 'five_hour'],
  );
  simulator.plan = { ...simulator.plan, status: 'rejected', resetsAt: 1_000_000_060 };
  const rejected = await ask();
  assert.deepEqual([rejected.status, rejected.headers.get('retry-after')], [429, '60']);
  assert.equal(rejected.headers.get('anthropic-ratelimit-unified-status'), 'rejected');
  const withKey = await post(simulator, asking('hi'));
  assert.deepEqual([withKey.status, withKey.headers.get('anthropic-ratelimit-unified-status')], [200, null]);
});

test('waiting for a record ends with the reason of the signal, or in time', async () => {
  await using simulator = await startSimulator();
  await assert.rejects(
    simulator.log.waitFor(() => false, { timeoutMs: 5 }),
    { name: 'TimeoutError' },
  );
  await assert.rejects(
    simulator.log.waitFor(() => false, { signal: AbortSignal.abort(new Error('enough')) }),
    /enough/,
  );
});
