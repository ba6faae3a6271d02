import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startOcp } from '../support/ocp.ts';
import { fakeExecutable, temporaryFolder } from '../support/temporary.ts';

async function ask(url: string): Promise<{ status: number; text: string }> {
  const reply = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sonnet', messages: [{ role: 'user', content: 'hello' }] }),
  });
  return { status: reply.status, text: await reply.text() };
}

test('a CLI that is too old does not stop the server; its clients are told what to do', async (t) => {
  const old = fakeExecutable(join(temporaryFolder(t), 'claude'), 'echo "1.0.1 (Claude Code)"');
  await using ocp = await startOcp({ env: { CLAUDE_BIN: old } });
  const { status, text } = await ask(ocp.url);
  assert.equal(status, 503);
  assert.match(text, /"code":"cli_unavailable"/);
  assert.match(text, /older than .*npm install -g @anthropic-ai\/claude-code/);
  assert.equal((await ocp.health())['status'], 'degraded');
});

test('a program that is no Claude CLI is found out by the probe', async (t) => {
  const impostor = fakeExecutable(
    join(temporaryFolder(t), 'claude'),
    'case "$1" in --version) echo "2.1.330 (Claude Code)";; auth) echo "{}";; *) exit 3;; esac',
  );
  await using ocp = await startOcp({ env: { CLAUDE_BIN: impostor } });
  assert.match((await ocp.server.problem()) ?? '', /does not speak the protocol/);
  assert.equal((await ask(ocp.url)).status, 503);
});
