import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import OpenAI from 'openai';
import { readConfig } from '../../src/config/config.ts';
import { createLog } from '../../src/http/log.ts';
import { openServerStore } from '../../src/http/server-store.ts';
import { adminKey, newKey } from '../support/admin.ts';
import type { Ocp, OcpOptions } from '../support/ocp.ts';
import { isolatedEnv, startOcp } from '../support/ocp.ts';

const runs = (command: string): string => `[[tool:Bash ${JSON.stringify({ command })}]]`;

async function ask(ocp: Ocp, content: string, more: object = {}, key = 'none'): Promise<OpenAI.ChatCompletion> {
  const client = new OpenAI({ baseURL: `${ocp.url}/v1`, apiKey: key, maxRetries: 0 });
  return client.chat.completions.create({ model: 'sonnet', messages: [{ role: 'user', content }], ...more });
}

const textOf = (answer: OpenAI.ChatCompletion): string => answer.choices[0]?.message.content ?? '';
const anonymous: OcpOptions['env'] = {
  CLAUDE_AUTH_MODE: 'multi',
  OCP_ADMIN_KEY: adminKey,
  PROXY_ANONYMOUS_KEY: 'ocp_public_anon',
};

suite('tools of the CLI on the server', () => {
  test('run for the operator, in a folder of their own, and only the final text is the answer', async () => {
    await using ocp = await startOcp({ env: { CLAUDE_ALLOWED_TOOLS: 'Bash' } });
    const answer = await ask(ocp, runs('echo from-the-server > made.txt; echo done'));
    assert.match(textOf(answer), /done/);
    assert.equal(answer.choices[0]?.finish_reason, 'stop');
    assert.ok(existsSync(join(ocp.home, 'ocp', 'work', 'local', 'made.txt')));
    assert.equal(ocp.simulator.log.messages().length, 2);
  });

  test('show their progress as reasoning to a client that asks for reasoning', async () => {
    await using ocp = await startOcp({ env: { CLAUDE_ALLOWED_TOOLS: 'Bash(echo *)' } });
    const client = new OpenAI({ baseURL: `${ocp.url}/v1`, apiKey: 'none', maxRetries: 0 });
    const stream = await client.chat.completions.create({
      model: 'sonnet',
      stream: true,
      reasoning_effort: 'high',
      messages: [{ role: 'user', content: runs('echo seen') }],
    });
    let reasoning = '';
    let text = '';
    for await (const chunk of stream) {
      const delta = chunk.choices[0]?.delta as { content?: string; reasoning_content?: string } | undefined;
      reasoning += delta?.reasoning_content ?? '';
      text += delta?.content ?? '';
    }
    assert.match(reasoning, /^\[Bash\] .*echo seen/);
    assert.match(text, /seen/);
  });

  test('refuse what no rule covers, unless every check is skipped', async () => {
    await using careful = await startOcp({ env: { CLAUDE_ALLOWED_TOOLS: 'Bash(echo *)' } });
    assert.match(textOf(await ask(careful, runs('touch forbidden.txt'))), /operator does not allow/);
    assert.ok(!existsSync(join(careful.home, 'ocp', 'work', 'local', 'forbidden.txt')));
    await using careless = await startOcp({
      env: { CLAUDE_ALLOWED_TOOLS: 'Bash(echo *)', CLAUDE_SKIP_PERMISSIONS: 'true' },
    });
    await ask(careless, runs('touch allowed.txt'));
    assert.ok(existsSync(join(careless.home, 'ocp', 'work', 'local', 'allowed.txt')));
  });

  test('are not freed of checks in the mode multi before a key is marked for them', async () => {
    const env = { ...anonymous, CLAUDE_ALLOWED_TOOLS: 'Bash' };
    await assert.rejects(startOcp({ env: { ...env, CLAUDE_SKIP_PERMISSIONS: 'true' } }), {
      name: 'ConfigError',
      message: /no key is marked for server tools/,
    });
    await using ocp = await startOcp({ env });
    const { key } = await newKey(ocp, { name: 'builder', serverTools: true });
    await ask(ocp, runs('touch marked.txt'), {}, key);
    const made = readdirSync(join(ocp.home, 'ocp', 'work'), { recursive: true, encoding: 'utf8' });
    assert.ok(made.some((path) => path.endsWith('marked.txt')));
    await ocp.stop();
    const again = readConfig(
      { ...isolatedEnv(ocp.home, ocp.simulator.url), ...env, CLAUDE_SKIP_PERMISSIONS: 'true' },
      { home: ocp.home, totalMemory: 1e9, readAdminKey: () => undefined },
    );
    const store = await openServerStore(
      again,
      {},
      Date.now,
      createLog(() => {}),
    );
    store.close();
  });

  test('run nothing when they are off, for anonymous callers, or beside tools of the client', async () => {
    await using off = await startOcp();
    const offered = await ask(off, runs('touch off.txt'));
    assert.equal(offered.choices[0]?.finish_reason, 'tool_calls');
    assert.equal(off.simulator.log.messages().length, 1);
    assert.ok(!existsSync(join(off.home, 'ocp', 'work')));

    await using on = await startOcp({ env: { ...anonymous, CLAUDE_ALLOWED_TOOLS: 'Bash' } });
    await ask(on, runs('touch anonymous.txt'), {}, 'ocp_public_anon');
    assert.ok(!existsSync(join(on.home, 'ocp', 'work')));
    const tools = [{ type: 'function', function: { name: 'Bash', parameters: { type: 'object' } } }];
    const own = await ask(on, runs('touch mixed.txt'), { tools }, adminKey);
    assert.equal(own.choices[0]?.finish_reason, 'tool_calls');
    assert.ok(!existsSync(join(on.home, 'ocp', 'work')));
  });
});

suite("the operator's own context", () => {
  const context = (ocp: Ocp): void => {
    mkdirSync(join(ocp.home, 'claude'), { recursive: true });
    writeFileSync(join(ocp.home, 'claude', 'CLAUDE.md'), 'Canary: always mention the heron.\n');
    // What connecting Claude Code to OCP writes: for a worker it would be a loop.
    const settings = { env: { ANTHROPIC_BASE_URL: ocp.url, ANTHROPIC_AUTH_TOKEN: 'ocp_loop' } };
    writeFileSync(join(ocp.home, 'claude', 'settings.json'), JSON.stringify(settings));
  };
  const bodies = (ocp: Ocp): string => JSON.stringify(ocp.simulator.log.messages().map((record) => record.body));

  test('stays out by default', async () => {
    await using ocp = await startOcp();
    context(ocp);
    await ask(ocp, 'hello');
    assert.doesNotMatch(bodies(ocp), /heron/);
  });

  test('steers the answers of the operator when asked for, and never sends a worker back to OCP', async () => {
    await using ocp = await startOcp({ env: { ...anonymous, CLAUDE_NO_CONTEXT: 'false' } });
    context(ocp);
    await ask(ocp, 'hello', {}, 'ocp_public_anon');
    assert.doesNotMatch(bodies(ocp), /heron/);
    await ask(ocp, 'hello', {}, adminKey);
    assert.match(bodies(ocp), /heron/);
    assert.equal(ocp.simulator.log.messages().length, 2);
  });
});
