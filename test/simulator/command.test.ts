import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { runSimulate } from '../../simulator/main.ts';
import { startSimulator } from '../../simulator/index.ts';

interface Run {
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
  readonly status: Promise<number>;
  readonly stop: () => void;
}

function run(...argv: readonly string[]): Run {
  const [stdout, stderr, abort] = [new PassThrough(), new PassThrough(), new AbortController()];
  const status = runSimulate(argv, { stdout, stderr, signal: abort.signal });
  return { stdout, stderr, status, stop: () => abort.abort() };
}

test('the command serves with the rules of a file until it is stopped', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ocp-simulate-'));
  try {
    const rules = join(folder, 'rules.json');
    await writeFile(rules, '[{"reply":"from the file"}]');
    const { stdout, status, stop } = run('--rules', rules, '--port', '0');
    const [chunk] = (await once(stdout, 'data')) as [Buffer];
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(chunk.toString())?.[0];
    const response = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': 'k' },
      body: '{"model":"claude-x","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}',
    });
    assert.match(await response.text(), /from the file/);
    stop();
    assert.equal(await status, 0);
    await assert.rejects(fetch(`${url}/api/hello`));
  } finally {
    await rm(folder, { recursive: true });
  }
});

for (const argv of [
  ['--port', 'abc'],
  ['--port', '70000'],
  ['--host', '0.0.0.0'],
  ['--delay-token', '-1'],
  ['--what'],
  ['extra'],
]) {
  test(`wrong arguments (${argv.join(' ')}) are one line and status 2`, async () => {
    const { stderr, status } = run(...argv);
    assert.equal(await status, 2);
    assert.match(String(stderr.read()), /^ocp simulate: [^\n]+\n$/);
  });
}

test('a taken port and a missing rules file are one line and status 1', async () => {
  await using other = await startSimulator();
  for (const argv of [
    ['--port', String(other.port)],
    ['--rules', join(tmpdir(), 'ocp-no-such-rules.json')],
  ]) {
    const { stderr, status } = run(...argv);
    assert.equal(await status, 1);
    assert.match(String(stderr.read()), /^ocp simulate: [^\n]+\n$/);
  }
});
