import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot, startOcp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';
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

for (const [fault, script] of [
  ['did not work', (mended: string) => `case $1 in --version | auth) ;; *) [ -e '${mended}' ] || exit 3 ;; esac`],
  ['was too old', (mended: string) => `[ -e '${mended}' ] || exec echo '1.0.1 (Claude Code)'`],
] as const) {
  test(`a CLI that ${fault} when OCP started is tried again, and serves as soon as it can`, async (t) => {
    const folder = temporaryFolder(t);
    const mended = join(folder, 'mended');
    const binary = fakeExecutable(
      join(folder, 'claude'),
      `${script(mended)}\nexec '${packageRoot}/test/support/quick-claude' "$@"`,
    );
    await using ocp = await startOcp({ env: { CLAUDE_BIN: binary }, limits: { cliRetryMs: 20 } });
    assert.notEqual(await ocp.server.problem(), undefined);
    assert.equal((await ask(ocp.url)).status, 503);
    assert.equal((await ocp.health())['status'], 'degraded');
    writeFileSync(mended, '');
    await until(async () => (await ocp.health())['status'] === 'ok');
    assert.match(String((await ocp.health())['claudeVersion']), /^2\./u);
    assert.equal((await ask(ocp.url)).status, 200);
    const told = ocp.log.map((line) => (JSON.parse(line) as { readonly event?: string }).event);
    assert.equal(told.filter((event) => event === 'cli_usable').length, 1);
  });
}
