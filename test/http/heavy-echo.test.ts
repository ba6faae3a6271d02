import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import { startOcp } from '../support/ocp.ts';

/** Members of a Response that repeat the request at full length, of more than a body that is translated on the loop may have. */
const heavy = {
  instructions: 'é\u0000"\\'.repeat(60_000),
  tools: Array.from({ length: 100 }, (_, index) => ({
    type: 'function',
    name: `f${index}`,
    description: 'd'.repeat(3000),
    parameters: { type: 'object', properties: {} },
    strict: false,
  })),
};

async function ask(url: string, body: object): Promise<Response> {
  return await fetch(`${url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sonnet', input: 'hi', tool_choice: 'none', ...body }),
  });
}

test('what a response repeats of its request is whole, however large, in answers, events and kept responses', async () => {
  await using ocp = await startOcp({ env: { CLAUDE_BIN: fakeClaudeBinary } });
  const light = (await (await ask(ocp.url, {})).json()) as Record<string, unknown>;
  const answer = await ask(ocp.url, heavy);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/u);
  const whole = (await answer.json()) as Record<string, unknown>;
  assert.deepEqual(Object.keys(whole).toSorted(), Object.keys(light).toSorted());
  assert.deepEqual({ instructions: whole['instructions'], tools: whole['tools'] }, heavy);
  const kept = await fetch(`${ocp.url}/v1/responses/${String(whole['id'])}`);
  assert.deepEqual(await kept.json(), whole);

  const stream = await (await ask(ocp.url, { ...heavy, stream: true })).text();
  const events = stream
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)) as { type: string; response?: Record<string, unknown> });
  const lifecycle = events.filter(({ response }) => response !== undefined);
  assert.deepEqual(
    lifecycle.map(({ type }) => type),
    ['response.created', 'response.in_progress', 'response.completed'],
  );
  for (const { response } of lifecycle) {
    assert.deepEqual({ instructions: response?.['instructions'], tools: response?.['tools'] }, heavy);
    assert.deepEqual(Object.keys(response ?? {}).toSorted(), Object.keys(light).toSorted());
  }
});
