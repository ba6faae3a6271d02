import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import { readTranscript, recordedVersions, transcriptFile } from '../../alignment/transcripts/files.ts';
import { scenarios } from '../../alignment/transcripts/scenarios.ts';
import cli from '@anthropic-ai/claude-code/package.json' with { type: 'json' };
import { fakeClaude } from '../support/fake-claude.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';

type Json = Readonly<Record<string, unknown>>;

/** OCP in front of what the real CLI said in a recorded conversation. */
async function replaying(t: TestContext, name: string): Promise<Ocp> {
  const scripted = fakeClaude(t, { version: cli.version, replay: transcriptFile(cli.version, name) });
  return startOcp({ env: { CLAUDE_BIN: scripted.binary, CLAUDE_CONFIG_DIR: scripted.configDir } });
}

async function ask(ocp: Ocp, body: Json): Promise<{ readonly status: number; readonly reply: Json }> {
  const response = await fetch(`${ocp.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'claude-sonnet-4-6', max_tokens: 777, ...body }),
  });
  return { status: response.status, reply: (await response.json()) as Json };
}

const user = (content: unknown): Json => ({ role: 'user', content });

suite('what the real CLI said, played to OCP', { concurrency: 2 }, () => {
  test('is recorded of the pinned version, every scenario', () => {
    assert.ok(recordedVersions().includes(cli.version));
    for (const { name } of scenarios) assert.ok(readTranscript(cli.version, name) !== undefined, name);
  });

  test('is an answer with its thinking', async (t) => {
    await using ocp = await replaying(t, 'answer');
    const { status, reply } = await ask(ocp, { messages: [user('ping')], thinking: { type: 'adaptive' } });
    assert.equal(status, 200);
    assert.equal(reply['stop_reason'], 'end_turn');
    assert.partialDeepStrictEqual(reply['content'], [
      { type: 'thinking', thinking: 'hm' },
      { type: 'text', text: 'pong 🏓' },
    ]);
  });

  test('is a call of a client’s tool that waits for its result, and goes on from there', async (t) => {
    await using ocp = await replaying(t, 'tools');
    const tools = [{ name: 'look', description: 'd', input_schema: { type: 'object', properties: {} } }];
    const question = user('look at x');
    const called = await ask(ocp, { tools, messages: [question] });
    assert.equal(called.reply['stop_reason'], 'tool_use');
    const [call] = called.reply['content'] as readonly Json[];
    assert.partialDeepStrictEqual(call, { type: 'tool_use', name: 'look', input: { at: 'x' } });
    const result = user([{ type: 'tool_result', tool_use_id: call?.['id'], content: 'blue' }]);
    const assistant = { role: 'assistant', content: called.reply['content'] };
    const { reply } = await ask(ocp, { tools, messages: [question, assistant, result] });
    assert.partialDeepStrictEqual(reply['content'], [{ type: 'text', text: 'It is blue.' }]);
  });

  test('is a failure with its own status', async (t) => {
    await using ocp = await replaying(t, 'failed');
    const { status, reply } = await ask(ocp, { messages: [user('one')] });
    assert.equal(status, 503);
    assert.partialDeepStrictEqual(reply, { error: { type: 'overloaded_error' } });
  });

  test('is what a plan has left', async (t) => {
    await using ocp = await replaying(t, 'plan');
    const { status, reply } = await ask(ocp, { messages: [user('one')] });
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(reply['content'], [{ type: 'text', text: 'An answer.' }]);
    // The CLI tells it behind the answer.
    await until(async () => /five_hour/u.test(await (await fetch(`${ocp.url}/metrics`)).text()));
  });
});
